"""Reads prompt, model and settings out of a graph of ComfyUI, as it is written into its pictures.

A graph is nodes by number, each with a class and its inputs; an input is a value, or a link to another node
(`["6", 0]`). The sampler is where everything meets: from there the links lead back to words and model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_NODES = 2_000
FROM_SAMPLER = ("positive", "guider", "conditioning")
WORDS = ("text", "text_g", "clip_l", "t5xxl", "prompt", "string", "value", "populated_text")
MODELS = ("ckpt_name", "unet_name", "model_name")
VALUES = ("seed", "noise_seed", "steps", "cfg", "sampler_name")

type Graph = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Workflow:
    """What a graph says; `values` under ComfyUI's own names."""

    prompt: str = ""
    negative: str = ""
    model: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def read(graph: Any) -> Workflow:
    """Return what the first sampler of the graph was told; nothing for what is no graph."""
    if not isinstance(graph, dict) or len(graph) > MOST_NODES:
        return Workflow()
    nodes = {key: node for key, node in graph.items() if isinstance(node, dict) and "class_type" in node}
    for key, node in nodes.items():
        if "Sampler" in str(node["class_type"]) and not str(node["class_type"]).startswith("KSamplerSelect"):
            prompt = _words(nodes, node, FROM_SAMPLER)
            if prompt:
                negative = _words(nodes, node, ("negative",))
                return Workflow(prompt, negative, _model(nodes, key), _values(nodes, key))
    return Workflow()


def _words(nodes: Graph, node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the nearest words behind these inputs of a node."""
    for name in names:
        for key in _behind(
            nodes, _target(_inputs(node).get(name)), skip=("negative", "model", "clip", "vae")
        ):
            inputs = _inputs(nodes[key])
            for each in WORDS:
                value = inputs.get(each)
                if isinstance(value, str) and value.strip():
                    return value
    return ""


def _model(nodes: Graph, sampler: str) -> str:
    """Return the name of the nearest file of weights, without folders."""
    for key in _behind(nodes, sampler):
        for name in MODELS:
            value = _inputs(nodes[key]).get(name)
            if isinstance(value, str):
                return value.replace("\\", "/").rpartition("/")[2]
    return ""


def _values(nodes: Graph, sampler: str) -> dict[str, Any]:
    """Return the nearest value of each setting; a number may come from a node of its own."""
    found: dict[str, Any] = {}
    for key in _behind(nodes, sampler, skip=("positive", "negative")):
        for name in VALUES:
            value = _inputs(nodes[key]).get(name)
            if name not in found and isinstance(value, str | int | float):
                found[name] = value
    return found


def _behind(nodes: Graph, start: str | None, *, skip: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield a node and all that lead to it, the nearest first; a graph that bites its tail ends."""
    waiting, seen = [start], set[str]()
    while waiting:
        key = waiting.pop(0)
        if key is None or key in seen or key not in nodes:
            continue
        seen.add(key)
        yield key
        waiting += [_target(value) for name, value in _inputs(nodes[key]).items() if name not in skip]


def _target(value: Any) -> str | None:
    """Return which node an input is linked to."""
    return str(value[0]) if isinstance(value, list) and len(value) == 2 else None


def _inputs(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = node.get("inputs")
    return found if isinstance(found, dict) else {}
