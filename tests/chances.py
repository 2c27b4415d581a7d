"""Ratios of times, each with some chances: a busy machine may slow one of two ways down."""

from collections.abc import Callable

__all__ = ["at_most"]

_CHANCES = 4


def at_most(bound: float, ratio: Callable[[], float]) -> None:
    """Fail unless a ratio is at most so much in one of a few rounds."""
    found: list[float] = []
    while not found or (found[-1] > bound and len(found) < _CHANCES):
        found.append(ratio())
    assert found[-1] <= bound, found
