"""Work on parts of arrays in as many threads as there are cores."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_threads", "slices"]

T = TypeVar("T")
R = TypeVar("R")


def in_threads(function: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """Return what a function makes of each part, in their order.

    numpy and Arrow let go of the interpreter while they work, so the cores share what is to do.
    """
    waiting = list(parts)
    if len(waiting) < 2:
        return [function(part) for part in waiting]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, len(waiting))) as pool:
        return list(pool.map(function, waiting))


def slices(length: int, step: int) -> list[slice]:
    """Return slices of at most so many rows that follow one another; of no rows an empty one."""
    return [slice(start, min(start + step, length)) for start in range(0, length or 1, step)]
