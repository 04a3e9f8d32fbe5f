"""What is said of relays and models: their troubles, why one is paused, why a model cannot be used."""

from collections.abc import Callable

from studio.words.readers import Reader, Sentence, Values, span


def _paused(values: Values) -> str:
    why = values.get("why", "").rstrip(".")  # a person's own words, or a sentence: here it stands in brackets
    return f"{values['relay']} is paused ({why})" if why else f"{values['relay']} is paused"


def _with_status(text: str) -> Callable[[Values], str]:
    """Return words whose {status} is the HTTP status in brackets, if there was one."""
    return lambda values: text.format(status=f" ({values['status']})" if values.get("status") else "")


def _list_busy(values: Values) -> str:
    seconds = values.get("seconds")
    when = "later" if seconds is None else f"in {span(seconds)}"
    return _with_status(f"The relay is busy{{status}}. Try again {when}.")(values)


def _link_not_fetched(values: Values) -> str:
    status = values["rule"].removeprefix("status_")
    if status.isdecimal():
        return f"{values['host']} no longer gives the picture ({status})."
    return {
        "dns": "{host} has no address now.",
        "deadline": "{host} took too long.",
        "broken_off": "{host} broke off before the picture was whole.",
    }.get(values["rule"], "{host} could not be asked for the picture.").format_map(values)


SENTENCES: dict[str, Sentence] = {
    # The trouble of a relay, for administrators
    "relay_key_refused": "{relay} refused the studio's key.",
    "relay_out_of_funds": "The studio's balance at {relay} is used up.",
    "relay_not_open": "{model} is not open to the studio's key at {relay}.",
    "relay_in_front": "Something in front of {relay} blocked a request.",
    "relay_wrong_address": "The address of {relay} seems wrong.",
    "relay_request_not_taken": "{relay} does not accept the studio's request for {model}.",
    "relay_model_gone": "{relay} no longer offers {model}.",
    "relay_unreadable": "{relay} gave an answer to {model} that could not be read.",
    "relay_certificate": "The certificate of {relay} is not valid.",
    "relay_key_unreadable": "The key of {relay} cannot be read. Enter it again.",
    "relay_list_unread": "The models of {relay} could not be read. {why}",
    "relay_was_paused": "{relay} was paused. {why}",
    # Why it is paused
    "in_a_row": "{why} That was {times} times in a row.",
    "forbidden_addresses": "{relay} pointed to forbidden addresses {times} times in an hour.",
    "own_words": "{text}",
    # What administrators cannot do with one
    "relay_name_taken": "Another relay has this name.",
    "relay_name_archived": "A relay in the archive has this name. Restore it, or choose another name.",
    "relay_was_asked": "{relay} was asked for pictures before. It can be archived, not deleted.",
    "relay_is_archived": "{relay} is in the archive. Restore it first.",
    "sandbox_stays": "The studio sets up its sandbox by itself. Pause it to keep it from drawing.",
    "key_of_another_host": "The address leads to another host. Enter the key for it.",
    "key_not_plain": "A key has no spaces and only plain characters. Copy it again.",
    "relay_takes_no": lambda values: (
        f"{values['relay']} ({values['dialect']}) does not take: {', '.join(values['names'])}."
    ),
    "stand_in_of_its_own": "A stand-in must be a model of another relay.",
    "address_with_query": "Leave out the ? or # in the address and what follows it.",
    "pause_wants_a_reason": "Say why: everyone who wants to draw with it will read this.",
    # Why a model cannot be used
    "for_role_only": "for {role}s only",
    "not_offered": "it is not offered any more",
    "relay_paused": {Reader.PERSON: _paused, Reader.BLIND: "its relay is paused"},
    "waits_for_relay": {Reader.PERSON: "Waiting: {why}", Reader.BLIND: ""},
    "model_closed": "{model} cannot be used now: {why}.",
    "unnamed_closed": "This model cannot be used now.",
    # Why a picture could not be fetched by hand
    "link_unreadable": "The link cannot be read: the key that sealed it is gone from FIELD_KEYS.",
    "link_not_fetched": _link_not_fetched,
    "link_no_picture": "{host} answered with something that is no picture the studio keeps.",
    "link_overtaken": "This picture has been saved meanwhile, or its run is being worked on. Reload the page.",
    # Why an answer could not be read again
    "answer_not_here": (
        "The file of this answer is not on this machine: it is older than 7 days, or another machine has it."
    ),
    "nothing_to_read": "Nothing can be read from this answer: its pictures are there, or its run is being worked on.",
    "still_unreadable": "The answer still cannot be read. You can download it as it came.",
    "sandbox_fixed": "Whether the sandbox is on is set by STUDIO_SANDBOX or by relay keys in the environment.",
    # Why its list of models could not be read
    "forbidden_address": (
        "Private addresses are off. Set RELAY_PRIVATE_ALLOW to allow this exact host and port."
    ),
    "key_not_sendable": "The key is empty or holds characters that cannot be sent.",
    "list_no_such_host": "The relay's host name has no address. Check the base URL.",
    "list_not_reached": "The relay could not be reached. Nothing was sent.",
    "list_not_reached_in_time": "The relay could not be reached in time. Nothing was sent.",
    "list_certificate": "The relay's certificate is not valid. Nothing was sent.",
    "list_silent": "The relay took the request and did not answer in time.",
    "list_hung_up": "The relay closed the connection before it had answered.",
    "list_contact_lost": "Contact with the relay was lost before it had answered.",
    "list_too_large": "The list of models is larger than 4 MB and was not read.",
    "list_busy": _list_busy,
    "list_out_of_funds": _with_status("The account at the relay is empty{status}."),
    "list_blocked": _with_status("The relay refused to list its models{status}."),
    "list_key_refused": _with_status("The key was refused{status}."),
    "list_not_here": _with_status("There is no list of models at this address{status}. Check the base URL."),
    "list_not_open": _with_status("The key may not list the models{status}."),
    "list_in_front": _with_status("Something in front of the relay blocked the request{status}."),
    "list_not_accepted": _with_status("The relay did not accept the request{status}."),
    "list_elsewhere": _with_status("The address leads elsewhere{status}. Enter the one it leads to."),
    "list_failed": _with_status("The relay failed{status}. Try again later."),
    "list_no_list": _with_status(
        "The answer is no list of models{status}. Check the base URL and the dialect."
    ),
}

KINDS = {
    "out_of_funds": "balance used up",
    "blocked": "refused",
    "empty": "no image",
    "rate_limited": "busy",
    "not_open": "not open",
    "auth": "key refused",
    "model_gone": "model gone",
    "wrong_address": "wrong address",
    "invalid": "not accepted",
    "not_sent": "not reached",
    "transient": "failed for now",
    "unknown": "contact lost",
    "bad_answer": "unreadable",
    "studio": "our own fault",
    "closed": "closed",
}
"""What a failed request came to, in two words beside its sentence or in a trail."""
