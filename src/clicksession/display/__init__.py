"""What the library's values look like: a card in a notebook, a short text elsewhere.

`card` is what a notebook shows, by templates that escape whatever comes from a log; `spelling` is
how a value is written so that it can be pasted back; `progress` is the bar of what takes long.
"""

from clicksession.display.card import Card, Listing, listing_of, templates_of
from clicksession.display.progress import progress_bar
from clicksession.display.spelling import Verbatim, call, differing, spelled

__all__ = [
    "Card",
    "Listing",
    "Verbatim",
    "call",
    "differing",
    "listing_of",
    "progress_bar",
    "spelled",
    "templates_of",
]
