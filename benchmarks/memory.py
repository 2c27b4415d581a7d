"""What a larger log takes more: ``python -m benchmarks.memory``.

`run` of newline-delimited JSON in random order into a DuckDB file, for logs of several sizes: the
seconds, and the peak memory of its process, DuckDB's within it. Flat memory is a peak for the
largest log of little more than that for the smallest. Each run is a process of its own.

``--spilled`` has all of them wait on disk, as only large ones do, to see more of it with less.
"""

import os
import platform
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from benchmarks import data
from benchmarks.timing import in_child, parser, peak_megabytes, setting
from clicksession import EventSchema, run

_PARTS = (4, 2, 1)


class Taken(NamedTuple):
    """What one run took."""

    rows: int
    seconds: float
    peak: int


def main() -> None:
    arguments = parser(__doc__, events=8_000_000, repeat=1)
    arguments.add_argument("--spilled", action="store_true", help="all wait on disk")
    given = arguments.parse_args()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.system()} {platform.machine()}, {memory:.0f} GiB; {setting()}", flush=True)
    peaks = []
    for part in _PARTS:
        with TemporaryDirectory() as folder:
            log, more = Path(folder, "log"), Path(folder, "more")
            log.mkdir()
            more.mkdir()
            in_child(data.write_webshop_days, log, more, given.events // part, given.seed)
            every = [in_child(_loaded, log, given.spilled) for _ in range(given.repeat)]
        peaks.append(max(each.peak for each in every))
        best = min(every, key=lambda each: each.seconds)
        print(f"{best.rows:>12,} rows: {best.seconds:6.1f} s, peak {peaks[-1]:,} MB", flush=True)
    print(f"the largest takes {peaks[-1] / peaks[0]:.2f} times the memory of the smallest")


def _loaded(log: Path, is_spilled: bool) -> Taken:
    target = log / "shop.duckdb"
    began = perf_counter()
    schema = EventSchema.preset("webshop")
    memory = "32MiB" if is_spilled else None
    report = run(
        str(log / "*.json"), f"duckdb:///{target}", schema=schema, memory=memory, progress=False
    )
    seconds = perf_counter() - began
    target.unlink()
    return Taken(report.events_added, seconds, peak_megabytes())


if __name__ == "__main__":
    main()
