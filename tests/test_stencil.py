"""A stencil draws what the template alone would draw, whatever it is given."""

from typing import Any

import pytest
from django.template import Context, Engine
from django.utils.safestring import mark_safe

from studio.templatetags.stencil import stencil

PIECE = """<p title="{{ row.title }}"{% if row.flag %} hidden{% endif %}>{% if row.more %}+{{ row.more }}{% endif %}
{% for each in row.parts %}<i>{{ each.name }}{% if forloop.last %}.{% endif %}</i>{% empty %}none{% endfor %}
{{ row.title }} 100%</p>"""

HOSTILE = [
    "",
    "plain",
    "<script>alert('x')</script>",
    '"&amp;',
    "50 % %s %(a)s",
    "{{ row.flag }}",
    "\ue0000\ue001",
    "\0",
]


@pytest.fixture
def piece(settings) -> str:
    engine = Engine.get_default()
    engine.template_loaders.insert(0, _Loader(engine))
    yield "piece.html"
    engine.template_loaders.pop(0)


class _Loader:
    def __init__(self, engine: Engine) -> None:
        self.template = engine.from_string(PIECE)

    def get_template(self, name: str, skip: Any = None) -> Any:
        return self.template


@pytest.mark.parametrize("text", [*HOSTILE, mark_safe("<b>bold</b>")])
@pytest.mark.parametrize("parts", [[], ["one"], ["one", "<two>"]])
def test_stencil_draws_what_the_template_draws(piece: str, text: str, parts: list[str]):
    for flag, more in ((True, 3), (False, 0)):
        row = {"title": text, "flag": flag, "more": more, "parts": [{"name": each} for each in parts]}

        drawn = stencil(piece, "row", row)

        assert drawn == Engine.get_default().get_template(piece).render(Context({"row": row}))


def test_stencil_keeps_apart_what_differs_in_shape(piece: str):
    rows = [
        {"title": "a", "flag": flag, "more": more, "parts": [{"name": "x"}] * count}
        for flag in (True, False)
        for more in ("", "2")
        for count in (0, 1, 2)
    ]

    assert len({stencil(piece, "row", row) for row in [*rows, *rows]}) == len(rows)


def test_stencil_fills_a_value_into_each_of_its_holes_alone(piece: str):
    first = stencil(piece, "row", {"title": "first", "flag": False, "more": "", "parts": []})
    other = stencil(piece, "row", {"title": "other", "flag": False, "more": "", "parts": []})

    assert other == first.replace("first", "other")
