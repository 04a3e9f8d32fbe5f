"""StudioError and its few children: a reason, which `studio.words` says, the field at fault, a status."""

from studio.words import Reason


class StudioError(Exception):
    """Something the person can understand; `status` is the HTTP status at the edge, `code` is for programs."""

    status = 400

    def __init__(self, why: Reason, *, code: str = "", param: str = "", retry_after: int = 0) -> None:
        super().__init__(str(why))
        self.why = why
        self.code = code or self.why.code
        self.param = param
        self.retry_after = retry_after

    @property
    def sentence(self) -> str:
        """What a person is told."""
        return self.why.said()


class Conflict(StudioError):
    """The thing has moved on, or the same id was used for something else."""

    status = 409


class Forbidden(StudioError):
    """The person may not do this; somebody else may."""

    status = 403


class Lapsed(StudioError):
    """It was there once and is no use any more."""

    status = 410


class OverBudget(Conflict):
    """The person's images for this month are used up."""


class TooMany(StudioError):
    """The person has to wait before asking for more."""

    status = 429


class Unavailable(StudioError):
    """The studio cannot do this right now."""

    status = 503
