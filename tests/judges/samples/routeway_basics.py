import os
from openai import OpenAI

client = OpenAI(
    base_url="https://api.routeway.ai/v1",
    api_key=os.getenv("ROUTEWAY_API_KEY"),
)

response = client.images.generate(
    model="gpt-image-1",
    prompt="A watercolor painting of a mountain lake at dawn",
)

print(response.data[0].url)

response = client.images.generate(
    model="gpt-image-1",
    prompt="A panoramic view of a tropical beach",
    size="1792x1024",
)

response = client.images.generate(
    model="gpt-image-1",
    prompt="A minimalist logo for a coffee shop",
    n=4,
    size="1024x1024",
)

for i, image in enumerate(response.data):
    print(f"Image {i + 1}: {image.url}")

import base64

response = client.images.generate(
    model="gpt-image-1",
    prompt="A detailed sketch of a cat wearing a top hat",
    response_format="b64_json",
)

image_data = base64.b64decode(response.data[0].b64_json)

with open("output.png", "wb") as f:
    f.write(image_data)

print("Image saved to output.png")
