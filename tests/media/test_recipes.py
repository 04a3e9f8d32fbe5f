import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from studio.media import recipes, workflows
from studio.media.inscriptions import Inscription, inscribed, read
from studio.media.recipes import Recipe
from tests.media import naughty

A1111 = """a red fox, (watercolour:1.2), "quoted"
second line
Negative prompt: blurry, text
Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 1234567890, Size: 512x768, Model: dreams_8, \
Lora hashes: "one: 1, two: 2", Version: v1.10"""
FOX = Recipe(
    'a red fox, (watercolour:1.2), "quoted"\nsecond line',
    "dreams_8",
    {
        "negative_prompt": "blurry, text",
        "steps": 28,
        "sampler": "DPM++ 2M Karras",
        "guidance": 6.5,
        "seed": 1234567890,
    },
)
COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 42, "steps": 20, "cfg": 8.0, "sampler_name": "euler",
            "model": ["10", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd\\v1-5.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["12", 0], "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["4", 1]}},
    "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "x", "model": ["4", 0], "clip": ["4", 1]}},
    "12": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a lake of glass"}},
}  # fmt: skip
FLUX = {
    "13": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {"noise": ["25", 0], "guider": ["22", 0], "sampler": ["16", 0], "sigmas": ["17", 0]},
    },
    "16": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
    "17": {"class_type": "BasicScheduler", "inputs": {"steps": 20, "model": ["12", 0]}},
    "22": {"class_type": "BasicGuider", "inputs": {"model": ["12", 0], "conditioning": ["26", 0]}},
    "25": {"class_type": "RandomNoise", "inputs": {"noise_seed": 77}},
    "26": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox in snow", "clip": ["11", 0]}},
    "11": {"class_type": "DualCLIPLoader", "inputs": {"clip_name1": "t5"}},
    "12": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev.safetensors"}},
}


def png_with(
    tmp_path: Path, texts: dict[str, Any], *, packed: bool = False, international: bool = False
) -> Path:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        text = text if isinstance(text, str) else json.dumps(text)
        (info.add_itxt if international else info.add_text)(name, text, zip=packed)
    path = tmp_path / "picture.png"
    Image.new("RGB", (4, 4)).save(path, pnginfo=info)
    return path


def recipe_of(path: Path, media_type: str = "image/png") -> Recipe:
    return recipes.read(path, media_type)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("international", [False, True])
def test_read_finds_what_a1111_writes(tmp_path, packed, international):
    assert (
        recipe_of(png_with(tmp_path, {"parameters": A1111}, packed=packed, international=international))
        == FOX
    )


def test_read_of_a_prompt_in_any_script_keeps_it(tmp_path):
    path = png_with(tmp_path, {"parameters": "日本の庭 🦊\nSteps: 5, Seed: 1"}, international=True)

    assert recipe_of(path).prompt == "日本の庭 🦊"


@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_read_finds_what_a1111_writes_into_exif(tmp_path, order, kind, media_type):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + A1111.encode(order)
    path = tmp_path / "picture"
    Image.new("RGB", (4, 4)).save(path, kind, exif=exif)

    assert recipe_of(path, media_type) == FOX


def test_read_finds_what_comfyui_writes(tmp_path):
    settings = {"negative_prompt": "watermark", "seed": 42, "steps": 20, "guidance": 8.0, "sampler": "euler"}

    found = recipe_of(png_with(tmp_path, {"prompt": COMFY, "workflow": {"nodes": []}}))

    assert found == Recipe("a lake of glass", "v1-5.safetensors", settings)


def test_read_finds_what_comfyui_writes_with_a_guider(tmp_path):
    found = recipe_of(png_with(tmp_path, {"prompt": FLUX}))

    assert found == Recipe(
        "a fox in snow", "flux1-dev.safetensors", {"seed": 77, "steps": 20, "sampler": "euler"}
    )


def test_workflow_that_bites_its_tail_ends():
    loop = {
        "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "model": ["1", 0]}},
        "2": {"class_type": "ConditioningCombine", "inputs": {"a": ["2", 0], "b": ["1", 0]}},
    }

    assert workflows.read(loop) == workflows.Workflow()


@pytest.mark.parametrize(
    "graph", [None, [], "x", {"1": None}, {"1": {"class_type": 5}}, {"1": {"class_type": "KSampler"}}]
)
def test_workflow_of_no_graph_is_nothing(graph):
    assert workflows.read(graph) == workflows.Workflow()


def test_read_finds_what_invokeai_writes(tmp_path):
    facts = {
        "positive_prompt": "a fox", "negative_prompt": "", "seed": 5, "steps": 30, "cfg_scale": 7.5,
        "scheduler": "euler_a", "model": {"name": "Juggernaut XL", "base": "sdxl"}, "width": 512, "height": 512,
    }  # fmt: skip

    found = recipe_of(png_with(tmp_path, {"invokeai_metadata": facts}))

    settings = {"seed": 5, "steps": 30, "guidance": 7.5, "sampler": "euler_a"}
    assert found == Recipe("a fox", "Juggernaut XL", settings)


def test_read_finds_what_older_invokeai_writes(tmp_path):
    facts = {
        "model_weights": "sd-1.4",
        "image": {"prompt": [{"prompt": "a fox", "weight": 1}], "steps": 50, "seed": 9},
    }

    found = recipe_of(png_with(tmp_path, {"sd-metadata": facts}))

    assert found == Recipe("a fox", "sd-1.4", {"steps": 50, "seed": 9})


@pytest.mark.parametrize(
    ("texts", "prompt", "model"),
    [
        (
            {"parameters": {"sui_image_params": {"prompt": "fox", "model": "flux", "cfgscale": 1}}},
            "fox",
            "flux",
        ),
        ({"parameters": {"prompt": "fox", "base_model": "juggernaut", "seed": "12"}}, "fox", "juggernaut"),
        (
            {"Description": "fox", "Comment": {"uc": "bad", "steps": 28}, "Software": "NovelAI"},
            "fox",
            "NovelAI",
        ),
        ({"Description": "fox --ar 3:2 Job ID: 1"}, "fox --ar 3:2 Job ID: 1", ""),
        ({"prompt": "a plain fox"}, "a plain fox", ""),
    ],
)
def test_read_finds_what_others_write(tmp_path, texts, prompt, model):
    found = recipe_of(png_with(tmp_path, texts))

    assert (found.prompt, found.model) == (prompt, model)


def test_read_finds_what_this_studio_writes(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(naughty.png())
    told = Inscription(prompt="A lake at dawn", alt="", made_at="2026-01-01", made_with="Sketch, Sandbox")
    with path.open("rb") as file:
        content = b"".join(read(file, inscribed(file, "image/png", told)))
    path.write_bytes(content)

    assert recipe_of(path) == Recipe("A lake at dawn", "Sketch, Sandbox", {})


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"parameters": "Steps"},
        {"parameters": "[" * 100_000},
        {"prompt": "{" * 50},
        {"prompt": {"1": {"class_type": "KSampler", "inputs": {"positive": ["1", 0]}}}},
        {"invokeai_metadata": "[1]"},
        {"invokeai_metadata": {"positive_prompt": 7, "model": 3}},
        {"sd-metadata": {"image": {"prompt": 9}}},
        {"comment": "null"},
    ],
)
def test_read_of_what_makes_no_sense_is_nothing(tmp_path, texts):
    assert not recipe_of(png_with(tmp_path, texts))


def test_read_of_settings_that_are_none_leaves_them_out(tmp_path):
    facts = {"prompt": "fox", "seed": "many", "steps": -1, "cfg": "nan", "sampler": ["x"], "guidance": 1e9}

    assert recipe_of(png_with(tmp_path, {"parameters": facts})) == Recipe("fox", "", {})


def test_read_of_a_text_that_unfolds_without_end_holds_little_of_it(tmp_path):
    path = tmp_path / "picture.png"
    data = naughty.png()
    body = b"parameters\0\0" + zlib.compress(b"a" * 50 * 1024**2)
    chunk = len(body).to_bytes(4) + b"zTXt" + body + zlib.crc32(b"zTXt" + body).to_bytes(4)
    path.write_bytes(data[:33] + chunk + data[33:])

    with path.open("rb") as file:
        texts = dict(recipes._png_texts(file))

    assert len(texts["parameters"]) == recipes.MOST_TEXT


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_read_of_a_file_that_is_cut_anywhere_raises_nothing(tmp_path, cut):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + A1111.encode("utf-16-be")
    for kind, media_type in (("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("PNG", "image/png")):
        buffer = io.BytesIO()
        Image.new("RGB", (4, 4)).save(buffer, kind, exif=exif)
        path = tmp_path / "picture"
        path.write_bytes(buffer.getvalue()[:cut])

        recipes.read(path, media_type)
