"""A row is made of what was read as Django makes it, only sooner."""

from typing import Any

import pytest
from django.db import models

from studio.models import Generation, Image, ImageModel, Prompt, Slot
from studio.models.rows import QuickRow
from tests.factories import make_image

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("only", [(), ("pk",)])
@pytest.mark.parametrize("model_class", [Generation, Image, ImageModel, Prompt, Slot])
def test_row_is_what_django_makes_of_it(bob, model, monkeypatch, model_class, only):
    make_image(bob, model)
    rows = model_class.objects.only(*only) if only else model_class.objects.all()
    found = list(rows.order_by("pk"))

    monkeypatch.setattr(QuickRow, "from_db", classmethod(models.Model.from_db.__func__))
    slowly = list(rows.order_by("pk"))

    assert found == slowly
    for one, other in zip(found, slowly, strict=True):
        assert one.get_deferred_fields() == other.get_deferred_fields()
        assert facts_of(one) == facts_of(other)


def facts_of(row: models.Model) -> dict[str, Any]:
    state = row._state
    return vars(row) | {"_state": (state.adding, state.db, state.fetch_mode, state.fields_cache)}


def test_row_reads_later_what_was_left_out_and_changes(bob, model):
    make_image(bob, model)
    image = Image.objects.only("pk").select_related(None).get()

    image.alt_text = f"{image.width} wide"
    image.save(update_fields=["alt_text"])

    assert Image.objects.get().alt_text == "1024 wide"
