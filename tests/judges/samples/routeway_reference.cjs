const axios = require('axios')

const apiKey = 'your_routeway_api_key'
const url = 'https://api.routeway.ai/v1/images/generations'

const data = {
	model: 'flux-1-schnell',
	prompt: 'A futuristic city with flying cars',
	size: '1024x1024',
	n: 1
}

const headers = {
	'Content-Type': 'application/json',
	Authorization: `Bearer ${apiKey}`,
}

axios
	.post(url, data, { headers })
	.then(response => {
		console.log(response.data)
	})
	.catch(error => {
		console.error('Error:', error)
	})
