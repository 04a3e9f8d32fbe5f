"""What is sent and answered, as Structs: they read and write the JSON, and the OpenAPI document is made of them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

Said = Annotated[str, Meta(description="For a person; it may change.")]
Seconds = Annotated[int, Meta(description="Unix time, in seconds.")]


class ImagesBody(Struct, kw_only=True):
    """What to draw. Fields that are not known are left out and named in `lightfast.ignored`; null is as absent."""

    prompt: Annotated[str, Meta(description="What to see: 1 to 4,000 characters.")]
    model: Annotated[
        str | None, Meta(description="A name of GET /v1/models; without it the last choice.")
    ] = None
    n: Annotated[
        int | None, Meta(description="How many images: 1 without it, at most the model's max_n.")
    ] = None
    response_format: Annotated[
        Literal["url", "b64_json"] | None, Meta(description="Without it both come, or what the token says.")
    ] = None
    stream: Annotated[bool | None, Meta(description="Answer with events, one for each image.")] = None
    runs_async: Annotated[bool | None, Meta(description="Answer at once, with the task.")] = field(
        name="async", default=None
    )
    shared: Annotated[
        bool | None, Meta(description="Whether the team sees it; without it the last choice.")
    ] = None
    user: Annotated[str | None, Meta(description="Taken and not used: the token says who asks.")] = None
    partial_images: Annotated[int | None, Meta(description="Taken and not used: only whole images come.")] = (
        None
    )


class ApiPicture(Struct, kw_only=True):
    """One image: its lasting address, its bytes in base64, or both."""

    revised_prompt: str | None = None
    url: Annotated[str, Meta(description="Good without a cookie while the image is there.")] | UnsetType = (
        UNSET
    )
    b64_json: str | UnsetType = UNSET


class UsageFacts(Struct):
    """OpenAI's tokens: none, as relays draw by the image."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0


class CostFacts(Struct):
    """What was charged, in the smallest part of its unit: of money a millionth."""

    amount: int
    unit: str


class Facts(Struct, kw_only=True):
    """What the studio knows beyond OpenAI's shape."""

    generation_id: UUID
    model: str | None
    relay: str | None
    cost: CostFacts | None
    trace_id: str | None
    page: Annotated[str, Meta(description="The address of its page, for its person.")]
    ignored: Annotated[list[str], Meta(description="Fields of the call that were left out.")] = []


class Images(Struct, kw_only=True):
    """The images that are kept, in order."""

    created: Seconds
    data: list[ApiPicture]
    usage: UsageFacts
    lightfast: Facts


class Progress(Struct):
    done: int
    total: int


class TaskFailure(Struct):
    message: Said
    code: str


class Places(Struct):
    get: str
    cancel: str


Status = Literal["queued", "in_progress", "completed", "failed", "cancelled", "held", "unknown"]


class Task(Struct, kw_only=True):
    """A generation, to look at from time to time. One that failed is an answer like any other."""

    id: UUID
    task_id: UUID
    object: Literal["image.generation"] = "image.generation"
    status: Annotated[
        Status,
        Meta(description="held: a moderator looks at it. unknown: contact was lost; nothing is sent again."),
    ]
    created_at: Seconds
    completed_at: Seconds | None
    model: str | None
    queue_position: Annotated[int | None, Meta(description="How many are before it, by turns.")]
    estimated_seconds: int | None
    progress: Progress
    data: Annotated[list[ApiPicture], Meta(description="Empty until it has ended.")]
    usage: UsageFacts
    cost: CostFacts | None
    error: TaskFailure | None
    urls: Places


class Architecture(Struct):
    input_modalities: list[str]
    output_modalities: list[str]


class ModelFacts(Struct, kw_only=True):
    """A model that this person may use, in the fields by which clients find those that draw."""

    id: str
    object: Literal["model"] = "model"
    created: Seconds
    owned_by: Annotated[str, Meta(description="The relay.")]
    name: str
    mode: Literal["image_generation"] = "image_generation"
    supported_endpoint_types: tuple[str, ...] = ("image-generation",)
    endpoints: tuple[str, ...] = ("/v1/images/generations",)
    supported_sizes: list[str]
    supported_parameters: list[str]
    max_n: int
    architecture: Architecture = field(default_factory=lambda: Architecture(["text"], ["image"]))


class ModelList(Struct, kw_only=True):
    object: Literal["list"] = "list"
    data: list[ModelFacts]


class KeyLimit(Struct, kw_only=True):
    whose: Annotated[str, Meta(description="person, token, role, team, or each of several.")]
    unit: str
    period: Annotated[str, Meta(description="day, week or month.")]
    limit: int
    usage: int
    remaining: int
    reset: str


class KeyFacts(Struct, kw_only=True):
    label: str
    scope: Annotated[str, Meta(description="draw, or read.")]
    person: str
    limit: Annotated[int, Meta(description="How much the tightest of the limits allows in its period.")]
    usage: int
    limit_remaining: int
    limit_reset: Annotated[str, Meta(description="The day on which it begins anew.")]
    limit_unit: Annotated[str, Meta(description="images, units, or a currency in millionths.")]
    limits: Annotated[list[KeyLimit], Meta(description="Every limit that counts what this token uses.")]
    expires_at: datetime | None


class KeyAnswer(Struct):
    """Whose token this is, and what is left."""

    data: KeyFacts


class ErrorFacts(Struct, kw_only=True):
    message: Said
    type: str
    param: Annotated[str | None, Meta(description="The field at fault.")] = None
    code: Annotated[str | None, Meta(description="For a program; it stays.")] = None


class Traces(Struct):
    generation_id: UUID
    trace_id: str | None


class Error(Struct, kw_only=True):
    """What went wrong. `x-should-retry` says whether trying again is right."""

    error: ErrorFacts
    lightfast: Traces | UnsetType = UNSET


class WebhookMessage(Struct, kw_only=True):
    """What a webhook is told, signed as Standard Webhooks has it."""

    type: str
    timestamp: datetime
    data: dict[str, Any]


class DrawnEvent(Struct, kw_only=True):
    """One event of a stream: an image that is kept."""

    type: Literal["image_generation.completed"] = "image_generation.completed"
    b64_json: str
    url: str
    created_at: Seconds
    size: str
    quality: Any
    background: Any
    output_format: str
    usage: UsageFacts
    lightfast: Facts
