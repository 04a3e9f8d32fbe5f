"""Help for writing prompts, from the relays' own advice (reference: prompting guides of Routeway and rout.my)."""

FIRST = (
    "oil painting",
    "35mm photo",
    "close-up",
    "bird’s-eye view",
    "golden hour",
    "soft bokeh",
    "muted earth tones",
)
"""The words that stand below the prompt at all times."""

GROUPS = (
    (
        "Medium and style",
        (
            "oil painting",
            "watercolor",
            "ink drawing",
            "pixel art",
            "3D render",
            "anime",
            "studio photography",
        ),
    ),
    ("Composition", ("close-up", "wide shot", "bird’s-eye view", "centered", "rule of thirds", "from below")),
    ("Light", ("golden hour", "at dusk", "dramatic lighting", "soft light", "backlit", "muted earth tones")),
    ("Camera", ("35mm photo", "shot on film", "shallow depth of field", "soft bokeh", "photorealistic")),
)
"""Words that steer a picture, by what they say of it."""

PAIRS = (
    ("a forest", "A dense pine forest at dusk, oil painting, dramatic lighting, muted earth tones"),
    ("a dog", "A golden retriever sitting in a sunlit meadow, photorealistic, soft bokeh background"),
)
"""What is vague, and the same said so that it can be drawn."""

SETTINGS = (
    (
        "Quality",
        "Standard or low is fast and cheap, good for trying. Hd or high is slower and costs more, for the end.",
    ),
    (
        "Shape",
        "Square for one thing in the middle, landscape for places and groups, portrait for people and covers.",
    ),
    ("Without", "A negative prompt names what should not be there: blurry, watermark, text."),
)
"""What settings are for."""

WORDS = frozenset((*FIRST, *(word for _, words in GROUPS for word in words), *(whole for _, whole in PAIRS)))
"""Everything that a chip adds."""

HELP = {"groups": GROUPS, "pairs": PAIRS, "settings": SETTINGS}
