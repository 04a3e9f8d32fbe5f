"""Migration 0010: what rows of earlier releases said becomes codes and values, and reads as before."""

from importlib import import_module

import pytest

from studio.words import Reason

migration = import_module("studio.migrations.0010_words")

ROWS = [
    "Storage is full. Your finished images are kept; this one starts when space is available.",
    "The relay is busy. Trying again in 7 s (1 of 3).",
    "The relay could not be reached. Trying again in 1 s (1 of 3).",
    "The relay failed. Trying again in 2 s (1 of 2).",
    "Waiting to be tried again.",
    "3 of 4 images ready. The rest is still being saved.",
    "Saving takes longer than usual.",
    "1 of 3 drawn, asking for the next",
    "Zebra could not draw this. Sandbox draws it instead.",
    "Cancelled. Nothing was charged.",
    "Cancelled. 1 of 3 images had been drawn and are kept.",
    "We lost contact with the relay after sending your request. It may have been charged. Nothing was sent again.",
    "The relay failed after accepting the request (504). It may have been charged.",
    "The relay's answer could not be read. It may have been charged. An administrator can look at it.",
    "1 of 3 images saved. The relay's answer could not be read. It may have been charged. "
    "An administrator can look at it.",
    "The relay's safety system refused this prompt. Nothing was charged by this studio. "
    "Change the prompt and try again.",
    "The relay returned no image. This is often a silent safety refusal. Nothing was sent again.",
    "The studio's relay key was refused. An administrator was told.",
    "The relay's key cannot be read. Nothing was sent. An administrator was told.",
    "The studio's balance at the relay is used up. An administrator was told.",
    "The relay is still busy after 4 tries. Nothing was charged. Try again later.",
    "The relay no longer offers this model. Nothing was charged. Choose another model.",
    "The relay's certificate is not valid. An administrator was told.",
    "The relay could not be reached. Tried once. Nothing was sent, nothing was charged.",
    "The relay could not be reached. Tried 4 times. Nothing was sent, nothing was charged.",
    "The relay failed (500). Tried 3 times. Trace id req_7.",
    "The relay failed (503). Tried once.",
    "The studio could not send this request. Nothing was charged. An administrator was told.",
    "One image could not be stored within a day and was given up. It may have been charged.",
    "2 images could not be stored within a day and were given up. They may have been charged.",
    "The relay does not accept these settings. Change them and try again.",
]
KEPT = [
    "3 of 4 images saved. One arrived damaged.",
    "The relay returned 2 of 4 images. You were counted for 2.",
    "The relay does not accept size 4096x4096. Choose another size.",
    "Of a release long ago.",
]
RELAYS = [
    "R refused the studio's key.",
    "The studio's balance at R is used up.",
    "R no longer offers M.",
    "R gave an answer to M that could not be read.",
    "The certificate of R is not valid.",
    "The key of R cannot be read. Enter it again.",
    "The models of R could not be read. The key was refused (401).",
    "R refused the studio's key. That was 3 times in a row.",
    "R pointed to forbidden addresses 3 times in an hour.",
    "Maintenance until Monday.",
]


@pytest.mark.parametrize("sentence", ROWS)
def test_sentence_of_a_generation_becomes_a_code_that_says_the_same(sentence: str):
    code, values = migration.reason_of(sentence)

    assert (code == "old", Reason(code, **values).said()) == (False, sentence)


@pytest.mark.parametrize("sentence", KEPT)
def test_sentence_that_is_not_recognised_keeps_its_words(sentence: str):
    code, values = migration.reason_of(sentence)

    assert (code, Reason(code, **values).said()) == ("old", sentence)


@pytest.mark.parametrize("sentence", RELAYS)
def test_sentence_of_a_relay_becomes_a_code_that_says_the_same(sentence: str):
    code, values = migration.trouble_of(sentence)

    assert Reason(code, **values).said() == sentence
