"""The filters of the gallery on a page of their own, what goes on in its search box, and searches that are kept."""

from typing import NamedTuple
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from studio.cards import gallery
from studio.errors import StudioError
from studio.forms.searches import SavedSearchForm, SieveForm
from studio.http import StudioRequest
from studio.models import Gallery, History, SavedSearch
from studio.search import operators
from studio.search.asked import Asked, Misasked
from studio.services import searches
from studio.views.fetch import fetch_or_404
from studio.views.page import SeeOther, render_page


class Room(NamedTuple):
    """A list that is searched: its section, the name of its address, what it is called, and the view it opens with."""

    section: str
    home: str
    called: str
    view: Gallery


GALLERY = Room("gallery", "images.index", "gallery", Gallery.MINE)
PROMPTS = Room("prompts", "prompts.index", "prompts", Gallery.TEAM)


@require_safe
def new(request: StudioRequest) -> HttpResponse:
    """Show everything that the gallery can be asked for, and the searches that are kept."""
    try:
        asked = Asked.from_query(request.GET)
    except Misasked as misasked:
        return ask_again(request, misasked)
    return _sieve(request, SieveForm(request.user, initial=asked.query()), asked)


@require_safe
def prompts(request: StudioRequest) -> HttpResponse:
    """Show the same for the prompts: what is asked of pictures is asked of those that came of them."""
    try:
        asked = asked_of(request)
    except Misasked as misasked:
        return ask_again(request, misasked, PROMPTS)
    return _sieve(request, SieveForm(request.user, initial=asked.query()), asked, room=PROMPTS)


def asked_of(request: StudioRequest) -> Asked:
    """Read what the prompts are asked for; raises Misasked, and Http404 for a view that only the gallery has."""
    query = request.GET.copy()
    if not query.get("view"):
        query["view"] = PROMPTS.view.value
    asked = Asked.from_query(query)
    if asked.view not in History.values:
        raise Http404
    return asked


def ask_again(request: StudioRequest, misasked: Misasked, room: Room = GALLERY) -> HttpResponse:
    """Say beside the fields what of an address cannot be read; a view that there is not is no page."""
    if "view" in misasked.fields:
        raise Http404
    query = request.GET.copy()
    query.setdefault("view", room.view.value)
    return _sieve(request, SieveForm(request.user, query), Asked(view=room.view), status=422, room=room)


@require_safe
def completions(request: StudioRequest) -> HttpResponse:
    """Offer ways to go on with what is being typed."""
    try:
        asked = Asked.from_query(request.GET)
    except Misasked:
        raise Http404 from None
    found = operators.completions(asked, request.user)
    offers = [
        {"field": offer.field, "name": offer.name, "url": gallery.url_of(then)} for offer, then in found
    ]
    return render_page(
        request, "searches/completions.html", {"section": "gallery", "offers": offers}, partial="offers"
    )


@require_POST
def create(request: StudioRequest) -> HttpResponse:
    """Keep a search under a name."""
    form = SavedSearchForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            searches.save(person=request.user, name=told["name"], asked=told["query"], shared=told["shared"])
        except StudioError as error:
            form.add_error("name", error.sentence)
        else:
            return SeeOther(gallery.url_of(told["query"]))
    asked = form.cleaned_data.get("query") or Asked()
    return _sieve(request, SieveForm(request.user, initial=asked.query()), asked, saving=form, status=422)


@require_POST
def removal(request: StudioRequest, pk: UUID) -> HttpResponse:
    """Forget a search of one's own."""
    row = fetch_or_404(request, SavedSearch.objects.owned_by(request.user), pk)
    searches.remove(search=row)
    return SeeOther(f"{gallery.url_of(Asked()).partition('?')[0]}search/")


def cleared(asked: Asked, request: StudioRequest) -> HttpResponse | None:
    """Send a box with `person:bob` in it on to the address that says so; nothing where it has none."""
    clear = operators.resolved(asked, request.user)
    return HttpResponseRedirect(gallery.url_of(clear)) if clear else None


def _sieve(
    request: StudioRequest,
    form: SieveForm,
    asked: Asked,
    *,
    saving: SavedSearchForm | None = None,
    status: int = 200,
    room: Room = GALLERY,
) -> HttpResponse:
    context = {
        "section": room.section,
        "room": room,
        "form": form,
        "asked": asked,
        "saving": saving or SavedSearchForm(initial={"query": str(asked)}),
        "kept": SavedSearch.objects.visible_to(request.user).by_name() if room == GALLERY else None,
    }
    return render_page(request, "searches/new.html", context, partial="sieve", status=status)
