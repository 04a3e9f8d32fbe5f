curl https://api.routeway.ai/v1/images/generations \
  -H "Authorization: Bearer $Routeway_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "flux-1-schnell",
    "prompt": "A serene garden with cherry blossoms",
    "size": "1024x1024",
    "n": 1
  }'
