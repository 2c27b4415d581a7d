"""Make the next piece while the database takes this one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ahead"]

T = TypeVar("T")


def ahead(pieces: Iterator[T]) -> Iterator[T]:
    """Yield the same pieces; each is made, in a thread, while the one before it is in use."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(_first, pieces)
        while piece := coming.result():
            coming = pool.submit(_first, pieces)
            yield piece[0]


def _first(pieces: Iterator[T]) -> list[T]:
    """Return the next piece, or none at the end: a future cannot raise StopIteration."""
    return [piece for piece in [next(pieces, None)] if piece is not None]
