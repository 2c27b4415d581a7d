"""What is known of one export, and where it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Export"]


@dataclass(frozen=True)
class Export:
    """One export of one vendor.

    Attributes
    ----------
    sources
        The pages that say what it looks like.
    read
        When they were read, as ``YYYY-MM-DD``.
    schema
        The parameters of `EventSchema`.
    order
        The fields that say in which order the events of one visitor and one moment came, as whole
        numbers, compared one after another. Empty where the vendor has none.
    """

    sources: tuple[str, ...]
    read: str
    schema: Mapping[str, Any]
    order: tuple[str, ...] = ()
