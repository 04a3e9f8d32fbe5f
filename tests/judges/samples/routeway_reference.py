import os
from openai import OpenAI

client = OpenAI(
    base_url="https://api.routeway.ai/v1",
    api_key=os.getenv("Routeway_API_KEY")
)

response = client.images.generate(
    model="flux-1-schnell",
    prompt="A beautiful sunset over a mountain lake",
    size="1024x1024",
    n=1,
    quality="standard"
)

print(response.data[0].url)
