"""What is said of a relay's bill that is held against what the studio knows."""

from studio.words.readers import Sentence, Values


def _settled(values: Values) -> str:
    charged, free = values["charged"], values["free"]
    if not charged and not free:
        return "Nothing could be settled from this bill."
    return f"{charged} charged after all, {free} not charged: the budgets of their people say so now."


SENTENCES: dict[str, Sentence] = {
    "bill_not_csv": "This cannot be read as CSV or JSON.",
    "bill_empty": "There is no line under the headings.",
    "bill_nothing": "Paste the export, choose its file, or name the path at which the relay gives it.",
    "bill_unreached": "The relay could not be reached there.",
    "bill_answered_with": "The relay answered {status} there, and no export.",
    "bill_not_text": "This file is no text. Save it as CSV in UTF-8.",
    "bill_too_long": "More than {most:,} lines: split the export.",
    "bill_without_time": (
        "No column is called Time, Date or Created: without it no line can be matched. The columns are: {columns}."
    ),
    "bill_without_request": (
        "Neither a trace id nor a model stands in any column: no line can be matched. The columns are: {columns}."
    ),
    "bill_bad_time": "Line {row}: {text!r} is no time.",
    "bill_bad_amount": "Line {row}: {text!r} is no amount.",
    "bill_ends_first": "The end lies before the beginning.",
    "bill_settled": _settled,
    "bill_deleted": "The bill is gone. What was settled from it stays.",
}
