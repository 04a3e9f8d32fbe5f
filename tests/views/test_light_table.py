"""Two to four pictures beside each other: whose, in which order, what tells them apart, and what is laid aside."""

import re

import pytest
from django.urls import reverse

from studio.models.ids import uuid7
from studio.services import images
from studio.words.looking import KEYS
from tests.factories import make_generation, make_image

HTMX = {"HX-Request": "true"}


def table(*pictures, **query) -> str:
    return reverse("light_table.index", query={"image": [str(each.pk) for each in pictures]} | query)


def lying(response) -> list[str]:
    """The originals that are shown, in their order."""
    return re.findall(r'<img src="/media/([0-9a-f-]{36})/\?v=', response.text)


def apart(response) -> dict[str, list[str]]:
    """What the table says tells the pictures apart."""
    rows = re.findall(r"<tr>\s*<th scope=\"row\">([^<]*)</th>(.*?)</tr>", response.text, re.DOTALL)
    return {name: re.findall(r"<td[^>]*>([^<]*)</td>", cells) for name, cells in rows}


@pytest.fixture
def four(bob, model):
    return [make_image(bob, model) for _ in range(4)]


def test_index_shows_the_pictures_in_the_order_of_the_address(as_bob, four):
    one, two, three, _ = four

    response = as_bob.get(table(three, one, two))

    assert lying(response) == [str(each.pk) for each in (three, one, two)]


def test_index_shows_four_at_most_and_each_once(as_bob, bob, model, four):
    fifth = make_image(bob, model)

    response = as_bob.get(table(four[0], *four, fifth))

    assert lying(response) == [str(each.pk) for each in four]


def test_t11_index_leaves_out_what_is_not_this_persons_to_see(as_charlie, bob, model, four):
    private, trashed = make_image(bob, model, shared=False), four[3]
    images.trash(person=bob, images=[trashed.pk], trashed=True, sure=True)

    response = as_charlie.get(table(four[0], private, four[1], trashed))

    assert lying(response) == [str(four[0].pk), str(four[1].pk)]
    assert f"/media/{private.pk}/" not in response.text
    assert "2 of them cannot be shown" in response.text


def test_t11_index_says_the_same_of_a_private_picture_and_of_none(as_charlie, bob, model, four):
    private = make_image(bob, model, shared=False)

    answers = [as_charlie.get(table(*four[:2], other)).text for other in (private, type(private)(pk=uuid7()))]

    blank = [re.sub(r'"X-CSRFToken": "\w+"|value="\w{64}"', "", text) for text in answers]
    ids = [re.sub(r"image=[0-9a-f-]{36}", "", text) for text in blank]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("count", [0, 1])
def test_index_with_too_few_says_how_it_is_done(as_bob, four, count):
    text = as_bob.get(table(*four[:count])).text

    assert "Two to four pictures lie here side by side" in text
    assert text.count('class="empty"') == 1


@pytest.mark.parametrize("query", [{"as": "stacked"}, {"image": "x"}])
def test_index_asking_for_what_there_cannot_be_is_404(as_bob, query):
    assert as_bob.get(reverse("light_table.index", query=query)).status_code == 404


@pytest.mark.parametrize("count", [2, 4])
def test_index_asks_the_same_number_of_queries(as_bob, four, count, django_assert_num_queries):
    with django_assert_num_queries(4):  # session, person, images, their requests
        as_bob.get(table(*four[:count]))


def test_index_tells_first_what_tells_the_pictures_apart(as_bob, bob, model):
    pair = [
        make_image(
            bob, model, generation=make_generation(bob, model, settings={"size": "1024x1024", "seed": seed})
        )
        for seed in (7, 8)
    ]

    response = as_bob.get(table(*pair))

    assert apart(response)["Seed"] == ["7", "8"]
    assert "Asked" not in apart(response)
    assert response.text.index(">Seed<") < response.text.index(">Asked<")


def test_index_slider_shows_two_and_offers_the_others(as_bob, four):
    one, two, three, _ = four

    response = as_bob.get(table(one, two, three, **{"as": "slider"}))

    assert lying(response) == [str(one.pk), str(two.pk)]
    top = table(one, three, two, **{"as": "slider"}).replace("&", "&amp;")
    assert f'href="{top}" aria-label="Picture 3"' in response.text


def test_index_presses_just_the_keys_that_its_sheet_lists(as_bob, four):
    pressed = re.findall(r'data-key="([^"]*)" aria-keyshortcuts', as_bob.get(table(*four)).text)

    assert sorted(pressed) == sorted(key.press for key in KEYS["compare"].values())


def lay(client, image, on: int, **headers):
    return client.post(reverse("light_table.lay", args=[image.pk]), {"on": on}, headers=headers)


def laid(client) -> list[str]:
    return client.session.get("light_table", [])


def test_lay_puts_a_picture_beside_the_others_and_takes_it_away(as_bob, four):
    for image in four[:2]:
        lay(as_bob, image, 1)
    lay(as_bob, four[1], 1)
    lay(as_bob, four[0], 0)

    assert laid(as_bob) == [str(four[1].pk)]


def test_lay_keeps_the_last_four(as_bob, bob, model, four):
    fifth = make_image(bob, model)

    for image in (*four, fifth):
        lay(as_bob, image, 1)

    assert laid(as_bob) == [str(each.pk) for each in (*four[1:], fifth)]


def test_lay_answers_htmx_with_the_button_and_the_way_to_the_table(as_bob, four):
    lay(as_bob, four[0], 1)
    text = lay(as_bob, four[1], 1, **HTMX).text

    assert text.strip().startswith(f'<form class="lay" id="lay-{four[1].pk}"')
    assert 'aria-pressed="true"' in text
    assert f'href="{table(*four[:2]).replace("&", "&amp;")}"' in text


def test_lay_without_javascript_leads_back_to_where_it_was_pressed(as_bob, four):
    page = f"http://testserver{reverse('images.detail', args=[four[0].pk])}?view=mine"

    back = as_bob.post(reverse("light_table.lay", args=[four[0].pk]), {"on": 1}, headers={"Referer": page})
    elsewhere = lay(as_bob, four[0], 1, Referer="https://elsewhere.example/")

    assert (back.status_code, back["Location"]) == (303, page)
    assert elsewhere["Location"] == reverse("images.detail", args=[four[0].pk])


def test_t11_lay_private_of_another_is_404(as_charlie, bob, model):
    private = make_image(bob, model, shared=False)

    assert (lay(as_charlie, private, 1).status_code, laid(as_charlie)) == (404, [])


def test_clear_takes_all_away(as_bob, four):
    lay(as_bob, four[0], 1)

    response = as_bob.post(reverse("light_table.clear"))

    assert (response.status_code, response["Location"], laid(as_bob)) == (303, "/gallery/", [])
