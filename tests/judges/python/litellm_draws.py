"""LiteLLM in front of the studio, as its proxy calls it: `python litellm_draws.py BASE_URL KEY`; prints JSON."""

import json
import sys

import litellm

base_url, key = sys.argv[1:]
place = {"api_base": base_url, "api_key": key, "model": "openai/sandbox-sketch:free", "size": "512x512"}
found = {}
drawn = litellm.image_generation(prompt="A red fox in snow", n=2, **place)
found["pictures"] = [[bool(picture.url), bool(picture.b64_json)] for picture in drawn.data]
for name, prompt in {"refused": "A fox [refuse]", "unknown": "A fox [504]"}.items():
    try:
        litellm.image_generation(prompt=prompt, num_retries=2, **place)
    except Exception as error:
        found[name] = [type(error).__name__, getattr(error, "status_code", None)]
print(json.dumps(found))
