"""What is said of prompts that were run before: what came of them, in a few words."""

WAITS = "Waits for its turn"
RUNNING = "Is being drawn"
RUNS = "{runs} runs"
KEPT = "{kept} of {asked} kept"
ENDED = {
    "refused": ("Refused by the relay", "not charged"),
    "failed": ("Failed", ""),
    "broken": ("Came to nothing", "may have been charged"),
    "unknown": ("Contact lost", "may have been charged"),
    "cancelled": ("Cancelled", ""),
}
"""State → how a run without pictures ended, and what is known of its price."""
