"""What the composer begins with: what an address asks for, the last choice, a saved prompt, a house preset."""

from typing import Any

from studio.cards.library import text_of
from studio.cards.prompt_help import WORDS
from studio.http import StudioRequest
from studio.models import Generation, Preset, Prompt, SavedVersion
from studio.views.fetch import as_uuid, fetch_or_404

STAYS_HIDDEN = "Its model stays hidden until one of the comparison is picked."


def housed(wanted: dict[str, Any], house: Preset | None, *, fresh: bool) -> dict[str, Any]:
    """Return the wishes that a preset leaves open, and the prompt without what it adds."""
    if house is None:
        return wanted
    begun = wanted | (house.settings if fresh else {})
    shut = {
        *house.fixed,
        *(f"size_{side}" for side in ("width", "height") if "size" in house.settings and fresh),
    }
    open_ = {name: value for name, value in begun.items() if name not in shut}
    return open_ | {"prompt": house.bare(str(wanted.get("prompt") or ""))}


def wanted_of(request: StudioRequest) -> dict[str, Any]:
    """Return what `?from=` or `?remix=` (a generation) asks for, else the last choice with the text of `?prompt=`.

    `?model=` and `?add=` come on top. What was private starts private.
    """
    last: dict[str, Any] = request.user.last_choice
    wanted = {**last.get("settings", {}), "prompt": ""}
    wanted |= {name: last.get(name) for name in ("n", "model", "aside", "preset")}
    shares = request.user.shares
    if source := request.GET.get("from") or request.GET.get("remix"):
        visible = Generation.objects.visible_to(request.user).select_related("prompt", "comparison")
        row = fetch_or_404(request, visible, as_uuid(source))
        wanted = _run_of(row, wanted["model"]) | {"n": row.n, "prompt": row.prompt.text}
        wanted["parent"] = row.prompt_id
        wanted.pop("seed" if "remix" in request.GET else "", None)
        shares = shares and row.shared
    elif "prompt" in request.GET:
        prompts = Prompt.objects.visible_to(request.user)
        prompt = fetch_or_404(request, prompts, as_uuid(request.GET["prompt"]))
        wanted["prompt"], shares = prompt.text, shares and prompt.shared_at is not None
        wanted["parent"] = prompt.pk
    wanted["shared"] = shares
    wanted["collection"] = request.GET.get("into")
    wanted |= {name: request.GET.get(name, wanted[name]) for name in ("model", "preset")}
    wanted["prompt"] = added(wanted["prompt"], request.GET.get("add", ""))
    return wanted


def _run_of(row: Generation, model: Any) -> dict[str, Any]:
    """Return a generation's model and settings; those of a blind comparison would tell its models."""
    if row.comparison and row.comparison.hides_models:
        return {"notes": [STAYS_HIDDEN], "model": model, "preset": None}
    return {**row.settings, "model": row.model_id, "preset": row.preset_id}


def from_library(request: StudioRequest) -> dict[str, Any]:
    """Return what `fill` asks for: a version of a saved prompt, with what was written into its fields.

    Sent from elsewhere than the composer it comes with the last choice of everything else.
    """
    if "fill" not in request.POST:
        return {}
    visible = SavedVersion.objects.visible_to(request.user)
    version = fetch_or_404(request, visible, as_uuid(request.POST["fill"]))
    text = text_of(version, request.POST)
    last = {} if "model" in request.POST else wanted_of(request)
    return last | {"prompt": text, "saved": version.pk, "parent": ""}


def added(prompt: str, words: str) -> str:
    """Return the prompt with one more phrase at its end; only our own phrases are added."""
    return ", ".join(filter(None, [prompt.rstrip(" ,"), words])) if words in WORDS else prompt
