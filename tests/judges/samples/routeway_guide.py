import os
from openai import OpenAI

client = OpenAI(
    base_url="https://api.routeway.ai/v1",
    api_key=os.getenv("ROUTEWAY_API_KEY")
)

response = client.images.generate(
    model="flux-1-schnell",
    prompt="A serene Japanese garden at dawn, soft mist, cherry blossoms, photorealistic",
    size="1024x1024",
    n=1,
)

print(response.data[0].url)

import os
import requests
from openai import OpenAI

client = OpenAI(
    base_url="https://api.routeway.ai/v1",
    api_key=os.getenv("ROUTEWAY_API_KEY")
)

response = client.images.generate(
    model="flux-1-schnell",
    prompt="A futuristic cityscape at night, neon lights, rain-slicked streets",
    size="1024x1024",
)

image_url = response.data[0].url
image_bytes = requests.get(image_url).content

with open("output.png", "wb") as f:
    f.write(image_bytes)

print("Saved to output.png")

import base64

response = client.images.generate(
    model="flux-1-schnell",
    prompt="Abstract watercolour landscape",
    response_format="b64_json",
)

image_bytes = base64.b64decode(response.data[0].b64_json)

with open("output.png", "wb") as f:
    f.write(image_bytes)

response = client.images.generate(
    model="flux-1-schnell",
    prompt="A cosy mountain cabin in winter, warm light from the windows",
    size="1024x1024",
    n=4,
)

for i, image in enumerate(response.data):
    print(f"Image {i + 1}: {image.url}")

from openai import BadRequestError

try:
    response = client.images.generate(
        model="flux-1-schnell",
        prompt="...",
    )
    print(response.data[0].url)
except BadRequestError as e:
    # Prompt was rejected (content policy, invalid parameters, etc.)
    print(f"Request error: {e.message}")
except Exception as e:
    print(f"Unexpected error: {e}")
