import requests, os
response = requests.post(
    "https://relayrouter.io/v1/images/generations",
    headers={
        "Authorization": f"Bearer {os.environ['RELAYROUTER_API_KEY']}",
        "Content-Type": "application/json",
    },
    json={
        "model": "gpt-image-1",
        "prompt": "A serene Japanese garden with cherry blossoms, watercolor style",
        "n": 1,
    },
)
data = response.json()
print(data["data"][0]["url"])
