"""StudioError and its few children: a sentence for a person, a code for a program, a status."""


class StudioError(Exception):
    """Something the person can understand; `status` is the HTTP status at the edge."""

    status = 400
    code = "invalid"

    def __init__(self, sentence: str, *, code: str = "", param: str = "", retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code
        self.param = param
        self.retry_after = retry_after


class Conflict(StudioError):
    """The thing has moved on, or the same id was used for something else."""

    status = 409
    code = "conflict"


class OverBudget(Conflict):
    """The person's images for this month are used up."""

    code = "quota_exceeded"


class TooMany(StudioError):
    """The person has to wait before asking for more."""

    status = 429
    code = "too_many"


class Unavailable(StudioError):
    """The studio cannot do this right now."""

    status = 503
    code = "unavailable"
