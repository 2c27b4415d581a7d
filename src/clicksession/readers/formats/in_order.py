"""Work on some parts of a source at once, and take what comes of them in their order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["AHEAD", "in_order", "parsers"]

# How many parts wait done, or are worked on, while another is taken: that is what it costs in
# memory. It is the same on every machine, so that a log is cut into the same batches.
AHEAD = 4

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Part], Result], parts: Iterable[Part]
) -> Iterator[tuple[Part, Result]]:
    """Yield each part with what comes of it, the first as soon as it is there.

    What goes wrong, with the work or with the parts, is raised in its place.

    Examples
    --------
    >>> list(in_order(len, ["one", "three"]))
    [('one', 3), ('three', 5)]
    """
    pool = parsers()
    begun: deque[tuple[Part, Future[Result]]] = deque()
    failure: Exception | None = None
    given, coming = 0, iter(parts)
    try:
        while True:
            try:
                part = next(coming)
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001  (raised behind what came before)
                failure = error
                break
            if not given:
                # Most sources are of one part: none needs a thread.
                given = 1
                yield part, work(part)
                continue
            begun.append((part, pool.submit(work, part)))
            while len(begun) > min(given, AHEAD):
                given += 1
                yield _done(begun.popleft())
        while begun:
            yield _done(begun.popleft())
        if failure is not None:
            raise failure
    finally:
        pool.shutdown(cancel_futures=True)


def parsers() -> ThreadPoolExecutor:
    """Return threads for parts that are worked on at once; none begins before there is work."""
    threads = min(AHEAD, os.cpu_count() or 1)
    return ThreadPoolExecutor(threads, thread_name_prefix="clicksession-parse")


def _done(begun: tuple[Part, Future[Result]]) -> tuple[Part, Result]:
    part, future = begun
    return part, future.result()
