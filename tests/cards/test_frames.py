"""A frame of a sheet is drawn by a stencil as its template alone would draw it."""

import pytest
from django.template import Context, Engine

from studio.cards.generations import card_of
from studio.models import Slot, SlotState, State
from studio.templatetags.stencil import stencil
from tests.factories import make_generation, make_image


@pytest.mark.parametrize("named", ["", "Sandbox <Flux>"])
@pytest.mark.parametrize("state", [State.DONE, State.QUEUED])
def test_frame_is_drawn_as_its_template_has_it(bob, charlie, model, state, named):
    row = make_generation(bob, model, text='A "lake" & <b>fog</b>', n=4, state=state)
    make_image(bob, model, generation=row)
    make_image(bob, model, generation=row, developed=False)
    Slot.objects.filter(generation=row, index=2).update(state=SlotState.SAVED)
    for person in (bob, charlie):
        pieces = list(card_of(row, person=person).pieces)
        assert len(pieces) == 4
        for piece in pieces:
            template = Engine.get_default().get_template("components/frame.html")
            alone = template.render(Context({"frame": piece | {"named": named, "sizes": "50vw"}}))

            assert stencil("components/frame.html", "frame", piece, named=named, sizes="50vw") == alone
