"""Rows keep a code and its values instead of a sentence; sentences of earlier releases become codes."""

import re

from django.db import migrations, models

PARTLY = re.compile(r"(\d+) of (\d+) images saved\. ")
GENERATIONS = [
    (r"Storage is full\. Your finished images are kept.*", "no_room"),
    (r"The relay is busy\. Trying again in (?P<seconds>\d+) s \((?P<number>\d+) of (?P<times>\d+)\)\.", "busy_again"),
    (
        r"The relay could not be reached\. "
        r"Trying again in (?P<seconds>\d+) s \((?P<number>\d+) of (?P<times>\d+)\)\.",
        "unreached_again",
    ),
    (r"The relay failed\. Trying again in (?P<seconds>\d+) s \((?P<number>\d+) of (?P<times>\d+)\)\.", "failed_again"),
    (r"Waiting to be tried again\.", "stumbled"),
    (r"(?P<ready>\d+) of (?P<asked>\d+) images ready\. The rest is still being saved\.", "storing"),
    (r"Saving takes longer than usual\.", "saving_slowly"),
    (r"(?P<done>\d+) of (?P<n>\d+) drawn, asking for the next", "next_part"),
    (r"(?P<relay>.+) could not draw this\. (?P<other>.+) draws it instead\.", "handed_over"),
    (r"Cancelled\. Nothing was charged\.", "cancelled"),
    (r"Cancelled\. (?P<saved>\d+) of (?P<of>\d+) images had been drawn and are kept\.", "cancelled"),
    (r"We lost contact with the relay after sending your request\..*", "lost_contact"),
    (r"The relay failed after accepting the request \((?P<status>\d+)\)\. It may have been charged\.", "failed_late"),
    (r"The relay's answer could not be read\. It may have been charged\..*", "unreadable"),
    (r"The relay's safety system refused this prompt\..*", "refused"),
    (r"The relay returned no image\..*", "empty"),
    (r"The studio's relay key was refused\. An administrator was told\.", "key_refused"),
    (r"The relay's key cannot be read\. Nothing was sent\..*", "key_unreadable"),
    (r"The studio's balance at the relay is used up\..*", "out_of_funds"),
    (r"The relay is still busy after (?P<tried>\d+) tries\. .*", "busy"),
    (r"The relay no longer offers this model\. .*", "model_gone"),
    (r"The relay's certificate is not valid\. An administrator was told\.", "certificate"),
    (r"The relay could not be reached\. (?P<tried>Tried .+\.) Nothing was sent, nothing was charged\.", "unreached"),
    (
        r"The relay failed \((?P<status>\d+)\)\. (?P<tried>Tried (?:once|\d+ times)\.)"
        r"(?: Trace id (?P<trace_id>.+)\.)?",
        "failed",
    ),
    (r"The studio could not send this request\. .*", "not_sent"),
    (r"(?P<count>One|\d+) images? could not be stored within a day and .*", "not_stored"),
    (r"The relay does not accept these settings\. .*", "not_taken"),
    (r"The relay does not accept this (?P<param>prompt)\. .*", "not_taken"),
]
RELAYS = [
    (r"(?P<relay>.+) refused the studio's key\.", "relay_key_refused"),
    (r"The studio's balance at (?P<relay>.+) is used up\.", "relay_out_of_funds"),
    (r"(?P<relay>.+) no longer offers (?P<model>.+)\.", "relay_model_gone"),
    (r"(?P<relay>.+) gave an answer to (?P<model>.+) that could not be read\.", "relay_unreadable"),
    (r"The certificate of (?P<relay>.+) is not valid\.", "relay_certificate"),
    (r"The key of (?P<relay>.+) cannot be read\. Enter it again\.", "relay_key_unreadable"),
    (r"The models of (?P<relay>.+?) could not be read\. (?P<why>.+)", "relay_list_unread"),
    (r"(?P<why>.+\.) That was (?P<times>\d+) times in a row\.", "in_a_row"),
    (r"(?P<relay>.+) pointed to forbidden addresses (?P<times>\d+) times in an hour\.", "forbidden_addresses"),
]
WAS_PAUSED = re.compile(r"(?P<relay>.+) was paused\. (?P<why>.+)")
NUMBERS = ("seconds", "number", "times", "ready", "asked", "done", "n", "saved", "of", "status")


def reason_of(sentence):
    """Return the code and the values of what a generation's row said; what is not known keeps its words."""
    saved = {}
    if found := PARTLY.match(sentence):
        saved, sentence = {"saved": int(found[1]), "of": int(found[2])}, sentence[found.end() :]
    for pattern, code in GENERATIONS:
        if found := re.fullmatch(pattern, sentence):
            return code, _values(found) | saved
    return "old", {"text": sentence} | saved


def trouble_of(sentence):
    """Return the code and the values of what a relay's row said."""
    for pattern, code in RELAYS:
        if found := re.fullmatch(pattern, sentence):
            values = _values(found)
            if "why" in values:
                code_of_why, values_of_why = trouble_of(values["why"])
                values["why"] = {"code": code_of_why, "values": values_of_why}
            return code, values
    return "own_words", {"text": sentence}


def _values(found):
    values = {name: value for name, value in found.groupdict().items() if value is not None}
    for name in NUMBERS:
        if name in values:
            values[name] = int(values[name])
    for name in ("tried", "count"):  # "Tried once.", "Tried 3 times.", "One image", "2 images"
        if name in values:
            digits = re.search(r"\d+", values[name])
            values[name] = int(digits[0]) if digits else 1
    return values


def to_codes(apps, schema_editor):
    Generation, Relay = apps.get_model("studio", "Generation"), apps.get_model("studio", "Relay")
    rows = []
    for row in Generation.objects.exclude(sentence="").only("pk", "sentence").iterator(chunk_size=1000):
        row.reason, row.reason_values = reason_of(row.sentence)
        rows.append(row)
        if len(rows) == 1000:
            Generation.objects.bulk_update(rows, ["reason", "reason_values"])
            rows = []
    Generation.objects.bulk_update(rows, ["reason", "reason_values"])
    for relay in Relay.objects.all():
        if relay.pause_reason:
            relay.pause_reason, relay.pause_values = trouble_of(relay.pause_reason)
        if paused := WAS_PAUSED.fullmatch(relay.trouble):
            code, values = trouble_of(paused["why"])
            why = {"code": code, "values": values}
            relay.trouble, relay.trouble_values = "relay_was_paused", {"relay": paused["relay"], "why": why}
        elif relay.trouble:
            relay.trouble, relay.trouble_values = trouble_of(relay.trouble)
        relay.save(update_fields=["pause_reason", "pause_values", "trouble", "trouble_values"])


class Migration(migrations.Migration):
    dependencies = [("studio", "0009_tries")]

    operations = [
        migrations.AddField("generation", "reason", models.CharField(blank=True, max_length=40)),
        migrations.AddField("generation", "reason_values", models.JSONField(default=dict)),
        migrations.AddField("relay", "pause_values", models.JSONField(default=dict, editable=False)),
        migrations.AddField("relay", "trouble_values", models.JSONField(default=dict, editable=False)),
        migrations.RunPython(to_codes, migrations.RunPython.noop),
        migrations.RemoveField("generation", "sentence"),
        migrations.AlterField(
            "relay", "pause_reason", models.CharField(blank=True, editable=False, max_length=40)
        ),
        migrations.AlterField("relay", "trouble", models.CharField(blank=True, editable=False, max_length=40)),
    ]
