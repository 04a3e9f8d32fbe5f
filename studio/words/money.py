"""What is said of prices, costs and budgets."""

from studio.words.readers import Sentence, Values

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CHF": "CHF ", "CNY": "CN¥", "JPY": "¥", "INR": "₹"}
PARTS = 1_000_000
PERIODS = {"day": "today", "week": "this week", "month": "this month"}


def amount(parts: int, unit: str) -> str:
    """Say an amount given in smallest parts: 4 images, 20,000 units, $0.16, $0.0105."""
    if unit in SIGNS:
        whole, rest = divmod(parts, PARTS)
        return f"{SIGNS[unit]}{whole:,}.{f'{rest:06d}'.rstrip('0').ljust(2, '0')}"
    noun = {"images": "image", "units": "unit"}.get(unit, unit)
    return f"{parts:,} {noun}" if parts == 1 else f"{parts:,} {noun}s"


def bare(parts: int, unit: str) -> str:
    """Say an amount whose noun follows elsewhere: 4, 20,000, $0.16."""
    return amount(parts, unit) if unit in SIGNS else f"{parts:,}"


def whose(values: Values) -> str:
    """Say whose budget it is, to those whom it counts."""
    return {
        "person": "Your budget",
        "each": "Your budget",
        "role": f"The budget of all {values.get('role')}s together",
        "team": "The team’s budget",
        "token": "The budget of this token",
    }[values["whose"]]


def _used_up(values: Values) -> str:
    left, cap = values["left"], amount(values["cap"], values["unit"])
    period = PERIODS[values["period"]]
    if not left:
        return f"{whose(values)} for {period.replace('today', 'the day')} is used up ({cap})."
    return f"{_too_small(values)}"


def _too_small(values: Values) -> str:
    left, cap, asked = (amount(values[name], values["unit"]) for name in ("left", "cap", "asked"))
    costs = f"asks for {asked}" if values["unit"] == "images" else f"costs about {asked}"
    return f"{whose(values)} has {left} of {cap} left {PERIODS[values['period']]}, and this {costs}."


def _unknown(values: Values) -> str:
    return (
        f"{whose(values)} lets nobody use a model whose price in {values['unit']} is not known. "
        "Choose another model, or ask an administrator for its price."
    )


def price(parts: int | None, unit: str) -> str:
    """Say what something would cost; that it is unknown is said, for it is not nothing."""
    if parts is None:
        return "price unknown"
    return f"about {amount(parts, unit)}" if parts else "free"


SENTENCES: dict[str, Sentence] = {
    "quota_used_up": "Your quota for this month is used up ({used} of {cap}).",
    "quota_too_small": "Only {left} of your {cap} images are left this month. Ask for fewer.",
    "of_an_earlier_month": "This belongs to an earlier month's budget. Use all of it in a new generation.",
    "nothing_presumed": "Nothing is presumed spent here.",
    "budget_used_up": _used_up,
    "budget_too_small": lambda values: f"{_too_small(values)} Ask for fewer.",
    "price_not_known": _unknown,
    "plea_is_open": "You have already asked for more of this. An administrator will answer.",
    "plea_is_decided": "This has been decided already.",
    "budget_is_over": "This budget has already begun anew. Nothing more is needed.",
    "budget_has_ended": "This budget has ended already.",
    "budget_changed": "Somebody changed it to {cap} meanwhile. Look at the number again, and save once more.",
    "asked_for_more": "Asked. You are told when an administrator answers.",
}
