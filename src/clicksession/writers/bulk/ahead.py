"""Make the next pieces while the database takes this one."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ahead"]

T = TypeVar("T")


def ahead(pieces: Iterator[T], depth: int = 1) -> Iterator[T]:
    """Yield the same pieces; so many are made, in a thread, while the one before is in use."""
    # One thread: they are made in turn.
    pool = ThreadPoolExecutor(1)
    try:
        coming = deque(pool.submit(_first, pieces) for _ in range(depth))
        while piece := coming.popleft().result():
            coming.append(pool.submit(_first, pieces))
            yield piece[0]
    finally:
        pool.shutdown(cancel_futures=True)


def _first(pieces: Iterator[T]) -> list[T]:
    """Return the next piece, or none at the end: a future cannot raise StopIteration."""
    return [piece for piece in [next(pieces, None)] if piece is not None]
