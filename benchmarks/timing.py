"""A small harness: methods in turn, the median of each, and how it compares to ours.

The methods alternate, A B C A B C, because a machine's speed drifts: of two
methods measured one after the other, the second would answer for the drift.
"""

import argparse
import gc
import os
import platform
import re
import resource
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Generic, ParamSpec, TypeVar

__all__ = [
    "Method",
    "announced",
    "compare",
    "in_child",
    "parser",
    "peak_megabytes",
    "print_table",
    "setting",
]

T = TypeVar("T")
P = ParamSpec("P")

_PACKAGES = ("pandas", "numpy", "pyarrow", "duckdb", "polars")


@dataclass(frozen=True)
class Method(Generic[T]):
    """One way to do the job.

    Attributes
    ----------
    name
        As the table shows it.
    run
        What is timed.
    before
        What has to happen first, untimed.
    scale
        By what to multiply the seconds, for a method too slow to be given the whole job.
    """

    name: str
    run: Callable[[], T]
    before: Callable[[], object] = lambda: None
    scale: int = 1


def compare(
    methods: Sequence[Method[T]], repeat: int, check: Callable[[str, T], object]
) -> dict[str, float]:
    """Return the median seconds of each method over some rounds, each of which begins one later.

    What a method finds in the process, from memory that the one before gave back to threads that
    wait, changes what it takes: no method comes always behind the same one.

    Parameters
    ----------
    methods
        Ours first.
    repeat
        How many rounds, after one to warm up.
    check
        Gets the name and the result of each method in the round that warms up, and raises where
        the result is not what it must be: a wrong answer is no faster one.
    """
    for method in methods:
        check(method.name, _timed(method)[1])
    seconds: dict[str, list[float]] = {method.name: [] for method in methods}
    for number in range(repeat):
        first = number % len(methods)
        for method in (*methods[first:], *methods[:first]):
            seconds[method.name].append(_timed(method)[0])
    return {name: median(times) for name, times in seconds.items()}


def _timed(method: Method[T]) -> tuple[float, T]:
    method.before()
    # Else one method would pay for the rubbish of the one before it.
    gc.collect()
    began = perf_counter()
    result = method.run()
    return (perf_counter() - began) * method.scale, result


def print_table(
    title: str, seconds: dict[str, float], extra: tuple[str, dict[str, str]] | None = None
) -> None:
    """Print the median seconds of each method and their ratio to the first, which is ours."""
    heading, values = extra or ("", {})
    ours = next(iter(seconds.values()))
    width = max(map(len, seconds))
    print(f"\n{title}\n{'method':{width}}  median s  ratio to ours  {heading}".rstrip())
    for name, taken in seconds.items():
        row = f"{name:{width}}  {taken:8.2f}  {taken / ours:13.2f}"
        print(f"{row}  {values.get(name, ''):>{len(heading)}}".rstrip(), flush=True)


def setting() -> str:
    """Return what the figures depend on beside the code: versions and processors."""
    packages = " ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"python {platform.python_version()} {packages}; {cores} cores"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(none)"


def parser(description: str | None, events: int, repeat: int) -> argparse.ArgumentParser:
    """Return a parser of the arguments that every benchmark takes, with these defaults."""
    arguments = argparse.ArgumentParser(description=description)
    # int() takes the underscores of 10_000_000.
    arguments.add_argument("--events", type=int, default=events, help=f"how many ({events:_})")
    arguments.add_argument("--repeat", type=int, default=repeat, help=f"rounds ({repeat})")
    arguments.add_argument("--seed", type=int, default=0, help="which made-up log (0)")
    return arguments


def announced(arguments: argparse.ArgumentParser) -> argparse.Namespace:
    """Return the arguments of the command line, and print what the figures depend on."""
    given = arguments.parse_args()
    print(f"{setting()}\n{given.events:,} events, median of {given.repeat} rounds", flush=True)
    return given


def in_child(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function of a module returns, called in a process of its own."""
    # Not forked: a child that starts as a copy begins with the peak memory of its parent.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def peak_megabytes() -> int:
    """Return the most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux gives `getrusage` the peak of whoever started the process, too.
        [peak] = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(peak) // 2**10
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes.
    return used // (2**20 if sys.platform == "darwin" else 2**10)
