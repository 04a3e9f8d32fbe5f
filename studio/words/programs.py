"""What is said to programs, and of their tokens."""

from studio.words.readers import Sentence

SENTENCES: dict[str, Sentence] = {
    "too_many_tokens": "You have {most} tokens in use. Revoke one first.",
    "token_refused": "This token is wrong, has expired or was revoked. Make a new one on the page For programs.",
    "token_missing": "No token came with this call. Send one as Authorization: Bearer, x-api-key or api-key.",
    "token_reads_only": "This token may read only. Make one that draws.",
    "gateway_for_administrators": "Only administrators make tokens that speak for others.",
    "gateway_key_short": "The key that signs has at least {least} characters.",
    "idempotency_key_reused": "This Idempotency-Key was used for another body. Send a new key with a new body.",
    "idempotency_key_long": "An Idempotency-Key has at most {most} characters.",
    "api_crowded": "Too many callers wait here already. Try again in two seconds, or send async: true.",
    "api_still_drawing": "Still drawing. Nothing is lost: look at the address in Location until it is done.",
    "api_not_found": "Nothing is at {what}.",
    "api_method": "This address does not take this method; it takes {methods}.",
    "api_no_json": "The body is no JSON object.",
    "api_wrong": "The body cannot be read: {what}.",
    "api_wrong_field": "The field {name} cannot be read: {what}.",
    "api_unknown": "This field is not known: {name}. This token is strict, so nothing is left out silently.",
    "api_no_model": "There is no model “{model}” that you may use. GET /v1/models lists those that you may.",
    "api_too_large": "A call has at most {most} MB, and says in Content-Length how long it is.",
    "api_broken": "Something went wrong here. It has been written to the log.",
    "api_nearest": "The nearest is {place} {shape}.",
    "api_takes": "It takes {values}.",
}
