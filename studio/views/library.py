"""The library of saved prompts: finding them, using them, and writing their next versions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.cards.images import preview, words
from studio.cards.library import cards_of, inputs_of, suggestion_of, versions_of
from studio.errors import StudioError
from studio.forms.library import AboutForm, BackForm, FileForm, SaveForm, ShelfForm, TextForm
from studio.http import StudioRequest
from studio.models import History, Image, Prompt, SavedPrompt, SavedVersion, Stock
from studio.models.paging import page_of
from studio.search.library import search
from studio.services import library, library_files
from studio.views.fetch import as_uuid, fetch, fetch_or_404
from studio.views.page import SeeOther, before_of, render_page
from studio.wording import difference

PAGE, OFFERED = 50, 8
BROUGHT = "{new} new, {revised} with a new version, {same} as they were."
SECTION = {"section": "prompts", "histories": History, "in_library": True}


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Show the saved prompts that this person may use, what was changed last first."""
    form = ShelfForm(request.GET)
    if not form.is_valid():
        raise Http404
    shelf, q, tag = (form.cleaned_data[name] for name in ("view", "q", "tag"))
    rows = search(SavedPrompt.objects.in_stock(shelf, request.user).tagged(tag), q)
    page = page_of(rows.after(before_of(request)).with_uses(request.user).select_related("owner"), PAGE)
    context = SECTION | {
        "shelf": shelf,
        "shelves": Stock,
        "q": q,
        "tag": tag,
        "before": "before" in request.GET,
        "saved": cards_of(page.rows, request.user),
        "older": page.older and page.older.pk,
    }
    return render_page(request, "library/index.html", context, partial="saved")


@require_safe
def suggestions(request: StudioRequest) -> HttpResponse:
    """What the prompt box offers of the library while somebody types."""
    rows = search(SavedPrompt.objects.in_stock(Stock.ALL, request.user), request.GET.get("find", "")[:200])
    found = list(rows[:OFFERED])
    versions = {each.saved_id: each for each in SavedVersion.objects.newest_of(found)}
    offered = [suggestion_of(row, versions[row.pk]) for row in found]
    return render_page(request, "library/suggestions.html", {"offered": offered})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StudioRequest) -> HttpResponse:
    """Save a prompt under a title; `?prompt=` or `?image=` brings its text, and the picture as an example."""
    image = fetch(request, _pictures(request), as_uuid(request.GET.get("image")))
    data = request.POST if request.method == "POST" else None
    form = SaveForm(data, initial=_initial(request, image))
    if form.is_valid():
        try:
            row = library.save(person=request.user, example=image, **form.cleaned_data)
            return SeeOther(reverse("library.detail", args=[row.pk]))
        except StudioError as error:
            form.add_error("text", error.sentence)
    example = preview(image, request.user) if image else None
    context = SECTION | {"form": form, "example": example}
    return render_page(request, "library/new.html", context, status=422 if form.errors else 200)


@require_safe
def detail(request: StudioRequest, pk: UUID) -> HttpResponse:
    """One saved prompt: its fields to fill in, and its versions."""
    return _detail(request, fetch_or_404(request, _visible(request), pk))


@require_POST
def edit(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Change its title, its tags and who sees it."""
    saved = fetch_or_404(request, _visible(request).owned_by(request.user), pk)
    form = AboutForm(request.POST)
    if form.is_valid():
        try:
            library.edit(saved=saved, person=request.user, **form.cleaned_data)
            return _to(saved)
        except StudioError as error:
            form.add_error(None, error.sentence)
    return _detail(request, saved, about=form, status=422)


@require_POST
def revision(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Write its next version."""
    saved = fetch_or_404(request, _visible(request), pk)
    form, status = TextForm(request.POST), 422
    if form.is_valid():
        asked = form.cleaned_data | {"seen": form.cleaned_data["seen"] or 0}
        try:
            library.revise(saved=saved, person=request.user, **asked)
            return _to(saved)
        except StudioError as error:
            form.add_error("text", error.sentence)
            status = error.status
    return _detail(request, saved, text=form, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def version(request: StudioRequest, pk: UUID, number: int) -> HttpResponse:
    """One version beside the newest; POST makes it the newest again."""
    saved = fetch_or_404(request, _visible(request), pk)
    row = saved.versions.select_related("author").filter(number=number).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        form = BackForm(request.POST)
        if form.is_valid():
            library.roll_back(saved=saved, person=request.user, to=row, **form.cleaned_data)
            return _to(saved)
    else:
        form = BackForm(initial={"seen": saved.number})
    context = SECTION | {"saved": saved, "version": row, "form": form}
    context |= {"parts": difference(row.text, saved.text)}
    return render_page(request, "library/version.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Ask, then remove it."""
    saved = fetch_or_404(request, _visible(request).removable_by(request.user), pk)
    if request.method == "POST":
        library.remove(saved=saved, person=request.user)
        messages.success(request, f"“{saved.title}” is no longer in the library.")
        return SeeOther(reverse("library.index"))
    return render_page(request, "library/removal.html", SECTION | {"saved": saved})


def _detail(
    request: StudioRequest,
    saved: SavedPrompt,
    *,
    text: TextForm | None = None,
    about: AboutForm | None = None,
    status: int = 200,
) -> HttpResponse:
    [card] = cards_of([saved], request.user)
    mine = saved.owner_id == request.user.pk
    start = {"title": saved.title, "tags": ", ".join(saved.tag_names), "shared": saved.shared}
    context = SECTION | {
        "saved": saved,
        "card": card,
        "current": saved.current,
        "inputs": inputs_of(saved.fields),
        "versions": versions_of(saved),
        "text": text or TextForm(initial={"text": saved.text, "seen": saved.number}, auto_id="id_next_%s"),
        "about": (about or AboutForm(initial=start)) if mine else None,
        "mine": mine,
        "may_remove": mine or (saved.shared and request.user.is_moderator),
    }
    return render_page(request, "library/detail.html", context, status=status)


def _initial(request: StudioRequest, image: Image | None) -> dict[str, Any]:
    wanted = as_uuid(request.GET.get("prompt"))
    prompt = fetch_or_404(request, Prompt.objects.visible_to(request.user), wanted) if wanted else None
    text = prompt.text if prompt else image.generation.prompt.text if image else ""
    return {"text": text, "title": words(text, 60).rstrip("…")}


def _pictures(request: StudioRequest) -> Any:
    return Image.objects.visible_to(request.user).kept().select_related("generation__prompt")


def _visible(request: StudioRequest) -> Any:
    return SavedPrompt.objects.visible_to(request.user).with_uses(request.user).select_related("owner")


def _to(saved: SavedPrompt) -> SeeOther:
    return SeeOther(reverse("library.detail", args=[saved.pk]))


@csrf_exempt  # the token is looked at by the view inside: the handler must be named before the body is read
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: StudioRequest) -> HttpResponse:
    """Bring saved prompts in from a file, or take them out."""
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _transfer(request)


@csrf_protect
def _transfer(request: StudioRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = library_files.bring(person=request.user, name=file.name, content=file.read())
        except StudioError as error:
            form.add_error("file", error.sentence)
        else:
            messages.success(request, BROUGHT.format(new=done.new, revised=done.revised, same=done.same))
            return SeeOther(reverse("library.index"))
    return render_page(
        request, "library/transfer.html", SECTION | {"form": form}, status=422 if form.errors else 200
    )


@require_safe
def export(request: StudioRequest) -> HttpResponse | StreamingHttpResponse:
    """Send what this person may see of the library as JSON or CSV."""
    kind, rows = request.GET.get("format", "json"), SavedPrompt.objects.visible_to(request.user)
    if kind == "csv":
        lines = library_files.as_csv(rows)
        response: Any = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    elif kind == "json":
        response = HttpResponse(library_files.as_json(rows), content_type="application/json")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="library-{timezone.localdate()}.{kind}"'
    return response
