"""What a larger log takes more: ``python -m benchmarks.memory``.

`run` of newline-delimited JSON in random order into a DuckDB file, for logs of several sizes: the
seconds, and the peak memory of its process, DuckDB's within it. Flat memory is a peak for the
largest log of little more than that for the smallest. Each run is a process of its own.

``--narrow`` writes a log in order of time, in one file of short lines: a hundred million events
take 11 GB, and as much again while they are loaded. ``--spilled`` has all of them wait on disk, as
only large ones do, to see more of it with less.
"""

import os
import platform
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from benchmarks import data
from benchmarks.timing import in_child, parser, peak_megabytes, setting
from clicksession import EventSchema, run

_PARTS = (4, 2, 1)
_NARROW_PARTS = (10, 1)


class Taken(NamedTuple):
    """What one run took."""

    rows: int
    seconds: float
    peak: int


def main() -> None:
    arguments = parser(__doc__, events=8_000_000, repeat=1)
    arguments.add_argument("--spilled", action="store_true", help="all wait on disk")
    arguments.add_argument("--narrow", action="store_true", help="short lines, in order of time")
    given = arguments.parse_args()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.system()} {platform.machine()}, {memory:.0f} GiB; {setting()}", flush=True)
    write = _write_narrow if given.narrow else _write_shuffled
    found = []
    for part in _NARROW_PARTS if given.narrow else _PARTS:
        with TemporaryDirectory() as folder:
            write(Path(folder), given.events // part, given.seed)
            every = [in_child(_loaded, Path(folder), given) for _ in range(given.repeat)]
        best = min(every, key=lambda each: each.seconds)
        found.append(best._replace(peak=max(each.peak for each in every)))
        print(
            f"{best.rows:>12,} rows: {best.seconds:6.1f} s, peak {found[-1].peak:,} MB", flush=True
        )
    first, last = found[0], found[-1]
    time = last.seconds / last.rows * first.rows / first.seconds
    print(
        f"the largest takes {last.peak / first.peak:.2f} times the memory of the smallest, and "
        f"{time:.2f} times the time for each event"
    )


def _write_shuffled(folder: Path, events: int, seed: int) -> None:
    more = folder / "more"
    more.mkdir()
    in_child(data.write_webshop_days, folder, more, events, seed)


def _write_narrow(folder: Path, events: int, seed: int) -> None:
    in_child(data.write_narrow, folder / "log.json", events, seed)


def _loaded(log: Path, given: Namespace) -> Taken:
    target = log / "shop.duckdb"
    began = perf_counter()
    report = run(
        str(log / "*.json"),
        f"duckdb:///{target}",
        schema=None if given.narrow else EventSchema.preset("webshop"),
        memory="32MiB" if given.spilled else None,
        progress=False,
    )
    seconds = perf_counter() - began
    target.unlink()
    return Taken(report.events_added, seconds, peak_megabytes())


if __name__ == "__main__":
    main()
