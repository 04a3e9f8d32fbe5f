"""LangChain's wrapper with a base URL and a key of its own: `python langchain_draws.py BASE_URL KEY`; prints JSON."""

import json
import sys

from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper

base_url, key = sys.argv[1:]
place = {"base_url": base_url, "api_key": key, "model": "sandbox-sketch:free", "size": "512x512"}
found = {"pictures": DallEAPIWrapper(n=2, **place).run("A red fox in snow").split("\n")}
try:
    DallEAPIWrapper(n=1, **place).run("A fox [refuse]")
except Exception as error:
    found["refused"] = [type(error).__name__, getattr(error, "status_code", None)]
print(json.dumps(found))
