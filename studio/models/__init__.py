"""Tables, constraints, QuerySets and facts about single rows; no input or output beyond the database."""

from studio.models.accounts import Colour, Role, Standing, User
from studio.models.audit import AuditEntry
from studio.models.bills import Bill, BillLine
from studio.models.budgets import Allowance
from studio.models.cases import Case, CaseKind, Queue, Verdict
from studio.models.chores import Chore
from studio.models.classifier import Classifier, WhenDown
from studio.models.collections import Audience, Collection, Placed
from studio.models.comments import Comment, Rating
from studio.models.comparisons import Comparison
from studio.models.downloads import Download
from studio.models.exports import Export, ExportState
from studio.models.favourites import Favourite
from studio.models.galleries import Gallery, Hue, Outline
from studio.models.generations import Generation
from studio.models.grids import Grid
from studio.models.images import Image
from studio.models.imports import Import, ImportState
from studio.models.installation import Installation, SandboxChoice, installation
from studio.models.invitations import Invitation, InvitationState
from studio.models.letters import Letter
from studio.models.library import SavedPrompt, SavedVersion, Stock
from studio.models.limits import Tries
from studio.models.links import KeptLink
from studio.models.looks import Look, Opening
from studio.models.notices import MutedKind, Notice, NoticeKind
from studio.models.outside import LinkState, Mark, Opinion, OutsideLink, Visitor
from studio.models.pleas import Plea, PleaState
from studio.models.presets import Preset
from studio.models.prices import Price
from studio.models.prompts import History, Prompt, Sort
from studio.models.purses import Budget, Period, Purse, Whom
from studio.models.relay_requests import RelayRequest
from studio.models.relays import Dialect, ImageModel, Relay
from studio.models.reports import PublicReason, Report
from studio.models.reservations import LedgerEntry, Reservation
from studio.models.rules import Act, Rule, RuleChange, RuleHits
from studio.models.searches import SavedSearch
from studio.models.selections import Pick, Selection
from studio.models.slots import Slot, SlotState
from studio.models.states import State
from studio.models.strikes import Strike
from studio.models.tags import Tag, Tagged
from studio.models.tokens import Call, Token
from studio.models.units import Cost, Rate, Unit
from studio.models.usage import UsageMark, UsageSum, UsageTouched
from studio.models.webhooks import (
    Delivery,
    DeliveryState,
    DeliveryTry,
    Webhook,
    WebhookKind,
    WhyOff,
)
from studio.models.workers import WorkerProcess

__all__ = [
    "Act",
    "Allowance",
    "Audience",
    "AuditEntry",
    "Bill",
    "BillLine",
    "Budget",
    "Call",
    "Case",
    "CaseKind",
    "Chore",
    "Classifier",
    "Collection",
    "Colour",
    "Comment",
    "Comparison",
    "Cost",
    "Delivery",
    "DeliveryState",
    "DeliveryTry",
    "Dialect",
    "Download",
    "Export",
    "ExportState",
    "Favourite",
    "Gallery",
    "Generation",
    "Grid",
    "History",
    "Hue",
    "Image",
    "ImageModel",
    "Import",
    "ImportState",
    "Installation",
    "Invitation",
    "InvitationState",
    "KeptLink",
    "LedgerEntry",
    "Letter",
    "LinkState",
    "Look",
    "Mark",
    "MutedKind",
    "Notice",
    "NoticeKind",
    "Opening",
    "Opinion",
    "Outline",
    "OutsideLink",
    "Period",
    "Pick",
    "Placed",
    "Plea",
    "PleaState",
    "Preset",
    "Price",
    "Prompt",
    "PublicReason",
    "Purse",
    "Queue",
    "Rate",
    "Rating",
    "Relay",
    "RelayRequest",
    "Report",
    "Reservation",
    "Role",
    "Rule",
    "RuleChange",
    "RuleHits",
    "SandboxChoice",
    "SavedPrompt",
    "SavedSearch",
    "SavedVersion",
    "Selection",
    "Slot",
    "SlotState",
    "Sort",
    "Standing",
    "State",
    "Stock",
    "Strike",
    "Tag",
    "Tagged",
    "Token",
    "Tries",
    "Unit",
    "UsageMark",
    "UsageSum",
    "UsageTouched",
    "User",
    "Verdict",
    "Visitor",
    "Webhook",
    "WebhookKind",
    "WhenDown",
    "Whom",
    "WhyOff",
    "WorkerProcess",
    "installation",
]
