"""The commands: add_relay, sync_models, add_model, draw, and getting ready with up."""

import hashlib
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse

from studio.models import (
    Allowance,
    Dialect,
    Generation,
    Image,
    ImageModel,
    Installation,
    Relay,
    Role,
    State,
    User,
)
from studio.sandbox import ledger
from studio.services import accounts
from studio.services.drawing import leases
from studio.services.relays import defaults, edit
from tests.factories import PASSWORD
from tests.money import money_of
from tests.said import FORBIDDEN

KEY = "sk-test-0123456789abcd"
URL = "http://127.0.0.1:9/v1"
LINK = re.compile(r"http://\S+/welcome/\S+/")


def run(*words: str) -> str:
    """Run a command and return what it printed."""
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


def add_relay(*words: str, **changes: str) -> str:
    options = {"name": "Atelier", "dialect": "openai", "base-url": URL, "key-env": "ATELIER_KEY"} | changes
    return run(
        "add_relay", *(f"--{name}={value}" for name, value in options.items()), *(words or ["--no-sync"])
    )


@pytest.fixture
def opened(settings, monkeypatch) -> None:
    """The key is in the environment and the address is allowed."""
    monkeypatch.setenv("ATELIER_KEY", KEY)
    settings.RELAY_PRIVATE_ALLOW = frozenset({"127.0.0.1:9"})


@pytest.fixture(scope="session", autouse=True)
def _static_folder() -> None:
    """WhiteNoise warns when the folder of static files is missing, and warnings are errors."""
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


# add_relay


def test_add_relay_new_name_keeps_the_key_sealed_and_unspoken(db, opened):
    printed = add_relay(**{"base-url": f"{URL}/"})

    row = Relay.objects.get()
    assert (row.name, row.dialect, row.base_url, row.enabled) == ("Atelier", "openai", URL, True)
    assert (row.api_key, row.key_ending) == (KEY, "abcd")
    assert KEY not in row.sealed_key + printed


def test_add_relay_known_name_is_brought_up_to_date(db, opened, monkeypatch):
    add_relay()
    monkeypatch.setenv("ATELIER_KEY", "another-key-9876")

    add_relay(dialect="routeway")

    assert [(row.dialect, row.api_key) for row in Relay.objects.all()] == [("routeway", "another-key-9876")]


def test_add_relay_empty_variable_is_said_and_adds_nothing(db, opened, monkeypatch):
    monkeypatch.delenv("ATELIER_KEY")

    with pytest.raises(
        CommandError, match=r"^The variable ATELIER_KEY is empty: it must hold the relay's key\.$"
    ):
        add_relay()

    assert not Relay.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:10/v1", "https://10.0.0.1/v1", "http://169.254.169.254/v1"]
)
def test_add_relay_private_address_is_refused_with_the_way_out(db, opened, url):
    with pytest.raises(CommandError) as refused:
        add_relay(**{"base-url": url})

    assert str(refused.value) == FORBIDDEN
    assert not Relay.objects.exists()


def test_add_relay_unknown_dialect_is_refused(db, opened):
    with pytest.raises(CommandError, match="invalid choice: 'morse'"):
        add_relay(dialect="morse")


@pytest.mark.parametrize("dialect", Dialect.values)
def test_add_relay_any_dialect_reads_its_models(sandbox, settings, monkeypatch, dialect):
    monkeypatch.setenv("ATELIER_KEY", settings.SANDBOX_KEY)

    printed = add_relay(
        "--verbosity=1", **{"dialect": dialect, "base-url": f"{settings.SANDBOX_URL}/{dialect}/v1"}
    )

    row = Relay.objects.get(name="Atelier")
    draw, unknown = (row.models.filter(draws=draws).count() for draws in (True, None))
    [spoken, read, *more] = printed.splitlines()
    assert spoken == f"Atelier speaks {dialect} at {row.base_url}."
    assert re.sub(r"[\d,]+ ms$", "N ms", read).startswith("Atelier: ")
    assert read.split(", ")[1] == ("1 draws images" if draw == 1 else f"{draw} draw images")
    assert bool(more) == bool(unknown)
    assert draw + unknown >= 2


def test_add_relay_whose_models_cannot_be_read_is_kept_and_said(db, opened):
    with pytest.raises(CommandError) as failed:
        add_relay("--verbosity=1")

    assert str(failed.value) == (
        "The relay is added; its models could not be read. The relay could not be reached. Nothing was sent."
    )
    assert Relay.objects.get().api_key == KEY


# sync_models


def test_sync_models_prints_one_line_for_each_relay(sandbox):
    Relay.objects.exclude(dialect__in=["routeway", "openai"]).update(enabled=False)

    printed = run("sync_models").splitlines()

    assert [re.sub(r"\d+ ms$", "N ms", line) for line in printed] == [
        "Sandbox: 3 models, 2 draw images, N ms",
        "Sandbox (OpenAI style): 3 models, 2 draw images, 1 does not say, N ms",
    ]


def test_sync_models_of_one_relay_asks_no_other(sandbox):
    printed = run("sync_models", "--relay=Sandbox")

    assert re.fullmatch(r"Sandbox: 3 models, 2 draw images, [\d,]+ ms\n", printed)
    assert list(Relay.objects.exclude(synced_at=None).values_list("name", flat=True)) == ["Sandbox"]


def test_sync_models_failure_is_a_sentence_and_the_others_are_read(sandbox):
    Relay.objects.exclude(dialect__in=["routeway", "openai"]).update(enabled=False)
    broken = Relay.objects.get(name="Sandbox")
    broken.api_key = "not-the-key-0123"
    broken.save()
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"^1 list could not be read\.$") as failed:
        call_command("sync_models", stdout=out)

    [first, second] = out.getvalue().splitlines()
    assert failed.value.returncode == 1
    assert first == "Sandbox: The key was refused (401)."
    assert second.startswith("Sandbox (OpenAI style): 3 models, ")


def test_sync_models_unknown_name_is_said(model):
    with pytest.raises(CommandError, match=r"^There is no relay named Nowhere\. Relays: Sandbox\.$"):
        run("sync_models", "--relay=Nowhere")


# add_model


def test_add_model_routeway_example_takes_what_was_named(model):
    printed = run(
        *("add_model", "--relay=Sandbox", "--id=flux-1-schnell", "--label=FLUX.1 schnell", "--max-n=4"),
        *("--size=1024x1024", "--size=1792x1024", "--field=seed", "--quality=hd"),
    )

    row = ImageModel.objects.get(model_id="flux-1-schnell")
    assert row.accepts == {"seed": [], "size": ["1024x1024", "1792x1024"], "quality": ["hd"]}
    assert (row.label, row.max_n, row.relay) == ("FLUX.1 schnell", 4, model.relay)
    assert printed == "FLUX.1 schnell of Sandbox takes: seed, size, quality.\n"


def test_add_model_through_chat_for_moderators_says_its_values(model):
    run(
        *("add_model", "--relay=Sandbox", "--id=talks", "--chat", "--role=moderator"),
        *("--accepts=aspect_ratio=1:1, 16:9", "--accepts=image_size="),
    )

    row = ImageModel.objects.get(model_id="talks")
    assert row.accepts == {"aspect_ratio": ["1:1", "16:9"], "image_size": []}
    assert (row.by_chat, row.per_call, row.max_n, row.least_role) == (True, 1, 10, Role.MODERATOR)
    assert (row.draws, row.enabled) == (True, True)


def test_add_model_images_in_one_request_are_kept(model):
    run("add_model", "--relay=Sandbox", "--id=dall-e-3", "--per-call=1")

    assert ImageModel.objects.get(model_id="dall-e-3").per_call == 1


def test_add_model_same_id_is_brought_up_to_date(model):
    run("add_model", "--relay=Sandbox", f"--id={model.model_id}", "--size=512x512")

    assert ImageModel.objects.get().accepts == {"size": ["512x512"]}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--relay=Nowhere"], "There is no relay named Nowhere. Relays: Sandbox."),
        (["--relay=Sandbox", "--field=style"], "Sandbox (routeway) does not take: style."),
        (["--relay=Sandbox", "--field=prompt"], "Sandbox (routeway) does not take: prompt."),
        (["--relay=Sandbox", "--chat", "--size=1x1"], "Sandbox (chat) does not take: size."),
        (["--relay=Sandbox", "--max-n=11"], "--max-n must be between 1 and 10."),
        (["--relay=Sandbox", "--per-call=0"], "--per-call must be between 1 and 10."),
    ],
)
def test_add_model_what_cannot_be_is_said(model, options, sentence):
    with pytest.raises(CommandError) as refused:
        run("add_model", "--id=new", *options)

    assert str(refused.value) == sentence
    assert not ImageModel.objects.filter(model_id="new").exists()


# draw


@pytest.fixture
def drawing(sandbox, alice, monkeypatch) -> Iterator[None]:
    """Sandbox and alice; no thread of the studio is left when the test ends."""
    monkeypatch.setattr(leases, "start", lambda: None)  # a test is shorter than a lease
    yield
    patience = time.monotonic() + 20
    while Image.objects.undeveloped().exists() and time.monotonic() < patience:
        time.sleep(0.05)


def stored_sum(key: str) -> str:
    with default_storage.open(key) as file:
        return hashlib.sha256(file.read()).hexdigest()


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["--model=sandbox-flux", "--size=1792x1024", "--seed=7", "--quality=hd"], (1792, 1024)),
        (["--model=gpt-image-sandbox", "--size=1024x1536"], (1024, 1536)),
    ],
    ids=["routeway", "openai"],
)
def test_draw_stores_the_very_bytes_the_relay_sent(drawing, words, size):
    receipt = json.loads(run("draw", "a lake at dawn", "-n=2", "--json", *words))

    [sent] = ledger.read()
    assert [stored_sum(image["key"]) for image in receipt["images"]] == sent["pictures"]
    assert [image["sha256"] for image in receipt["images"]] == sent["pictures"]
    assert [(image["width"], image["height"]) for image in receipt["images"]] == [size, size]
    assert (receipt["state"], receipt["person"], len(receipt["requests"])) == ("done", "Alice", 1)


def test_draw_in_words_prints_size_sum_and_key(drawing):
    printed = run("draw", "a lake", "--model=sandbox-sketch:free", "--size=1024x1024").splitlines()

    image = Generation.objects.get().images.get()
    assert printed == ["done: 1 of 1 images", f"  1024×1024  {image.sha256}  {image.key}"]


def test_draw_for_somebody_counts_on_their_month(drawing, bob):
    run("draw", "a lake", "--model=sandbox-sketch:free", "--user=Bob@example.com")

    assert Generation.objects.get().owner == bob
    assert Allowance.objects.values_list("person", "reserved", "spent").get() == (bob.pk, 0, 1)


def test_draw_refused_prompt_fails_with_the_sentence(drawing):
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"^No image was kept\.$"):
        call_command("draw", "a lake [refuse]", "--model=sandbox-flux", stdout=out, stderr=out)

    row = Generation.objects.get()
    assert (row.state, money_of(row)) == (State.REFUSED, (0, 0, 0))
    assert out.getvalue() == f"refused: 0 of 1 images\n{row.why!s}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--model=gone"], "There is no such model. Models: sandbox-flux (Sandbox)."),
        (
            ["--model=sandbox-flux", "--relay=Other"],
            "There is no such model. Models: sandbox-flux (Sandbox).",
        ),
        (["--model=sandbox-flux", "-n=11"], "The count is a number from 1 to 10."),
        (["--model=sandbox-flux", "--size=1x1"], "This model does not take this size. Choose another one."),
        (["--model=sandbox-flux", "--style=vivid"], "Sandbox Flux does not take style."),
        (
            ["--model=sandbox-flux", "--user=nobody@example.com"],
            "There is no such person. Run `make run` and open the first-run link, or say --user.",
        ),
    ],
)
def test_draw_what_cannot_be_is_said_and_nothing_is_written(model, alice, words, sentence):
    with pytest.raises(CommandError) as refused:
        run("draw", "a lake", *words)

    assert str(refused.value) == sentence
    assert not Generation.objects.exists()


def test_draw_model_of_two_relays_asks_which(model, alice):
    other = edit.add_relay(name="Other", dialect="routeway", base_url=URL, api_key=KEY, sandbox=True)
    edit.add_model(relay=other, model_id=model.model_id, accepts={})

    with pytest.raises(CommandError, match=r"^Several relays have this model: say --relay\."):
        run("draw", "a lake", f"--model={model.model_id}")


# up


@pytest.fixture
def new_studio(db, settings, tmp_path) -> None:
    """An installation that nobody has opened, with its static files in a folder of its own."""
    Installation.objects.update_or_create(pk=1, defaults={"opened_at": None})
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STUDIO_URL = "http://127.0.0.1:8000"


def rows() -> list[Any]:
    """Every relay, model and person, and the key each relay would send."""
    people = list(User.objects.values_list("email", "role"))
    models = list(ImageModel.objects.order_by("pk").values_list("pk", "model_id", "enabled"))
    return (
        [(row.pk, row.name, row.base_url, row.api_key, row.enabled) for row in Relay.objects.all()]
        + models
        + people
    )


def test_up_twice_leaves_the_same_rows_and_the_same_link(new_studio):
    first, before = run("up", "--prepare-only"), rows()

    second, after = run("up", "--prepare-only"), rows()

    assert after == before
    assert len(LINK.findall(first)) == 1
    assert LINK.findall(second) == LINK.findall(first)
    assert Relay.objects.count() == len(defaults.SANDBOX_NAMES)


def test_up_link_opens_the_first_run_page_until_there_is_an_administrator(new_studio, client):
    [link] = LINK.findall(run("up", "--prepare-only"))
    path = link.removeprefix("http://127.0.0.1:8000")
    opened = client.get(path).status_code

    accounts.create_first_administrator(email="ada@example.com", name="Ada", password=PASSWORD)
    printed = run("up", "--prepare-only")

    assert opened == 200
    assert LINK.findall(printed) == []
    assert "Sign in with your address and password." in printed
    assert client.get(path).status_code != 200


def test_up_address_and_password_make_the_first_administrator_once(new_studio, settings):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "ada@example.com", PASSWORD

    printed = run("up", "--prepare-only") + run("up", "--prepare-only")

    assert LINK.findall(printed) == []
    assert list(User.objects.values_list("email", "role", "name")) == [
        ("ada@example.com", Role.ADMINISTRATOR, "Ada")
    ]
    assert User.objects.get().check_password(PASSWORD)


def test_up_weak_password_stops_with_the_reason(new_studio, settings):
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "ada@example.com", "password"

    with pytest.raises(CommandError, match=r"^STUDIO_ADMIN_PASSWORD: This password is too short"):
        run("up", "--prepare-only")

    assert not User.objects.exists()


def test_up_without_sandbox_pauses_its_relays(new_studio, settings):
    run("up", "--prepare-only")
    settings.SANDBOX = False

    printed = run("up", "--prepare-only")

    assert set(Relay.objects.values_list("sandbox", "enabled")) == {(True, False)}
    assert "sandbox" not in printed


def test_up_key_in_the_environment_makes_its_relay_once(new_studio, settings):
    settings.RELAY_KEYS, settings.SANDBOX = {"routeway": KEY}, False
    run("up", "--prepare-only")
    settings.RELAY_KEYS = {"routeway": "another-key-9876"}

    run("up", "--prepare-only")

    assert [(row.name, row.base_url, row.api_key) for row in Relay.objects.all()] == [
        ("Routeway", "https://api.routeway.ai/v1", KEY)
    ]


def test_row_44_up_without_the_field_keys_starts_and_asks_for_the_relays_keys(
    new_studio, settings, as_alice, model, bob
):
    run("up", "--prepare-only")
    relay = edit.add_relay(name="Mine", dialect="routeway", base_url=URL, api_key=KEY, sandbox=False)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    run("up", "--prepare-only")

    pages = ("relays.index", "generations.index", "administration.index", "images.index", "relays.detail")
    found = {name: as_alice.get(reverse(name, args=[relay.pk] * name.endswith("detail"))) for name in pages}
    assert {name: page.status_code for name, page in found.items()} == dict.fromkeys(pages, 200)
    assert all("The key of Mine cannot be read. Enter it again." in page.text for page in found.values())
    as_alice.post(
        reverse("relays.detail", args=[relay.pk]),
        {"name": "Mine", "dialect": "routeway", "base_url": URL, "api_key": KEY, "enabled": "on"},
    )
    relay.refresh_from_db()
    assert (relay.has_lost_key, relay.trouble == "relay_key_unreadable") == (False, False)


def test_up_taken_port_is_one_sentence_before_anything_is_done(new_studio, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.HOST, settings.PORT = taken.getsockname()

        with pytest.raises(CommandError) as refused:
            run("up")

    assert str(refused.value) == (
        f"Port {settings.PORT} is taken. Stop what uses it, or choose another: PORT=8001 make run"
    )
    assert not Relay.objects.exists()
    assert not Path(settings.STATIC_ROOT).exists()
