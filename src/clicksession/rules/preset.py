"""What a preset says: whose definition it is, where that stands, what is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BOUNDARY", "Preset"]

BOUNDARY = "That a pause of exactly the timeout stays in the session is assumed."


@dataclass(frozen=True)
class Preset:
    """One product's definition of a session.

    Attributes
    ----------
    product
        Whose definition it is.
    source
        Where the rule was read.
    rules
        The parameters of `Rules`.
    assumed
        What the source does not say, and what cannot be said of a log.
    """

    product: str
    source: str
    rules: Mapping[str, Any] = field(default_factory=dict)
    assumed: str = ""
