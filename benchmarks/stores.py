"""From files to databases: ``python -m benchmarks.stores postgresql``, ``sqlite`` or ``runs``.

``postgresql`` and ``sqlite`` load newline-delimited JSON, with all indexes; beside ours, a script
by hand (see `benchmarks.by_hand`), and with ``--before`` an earlier checkout of the library. Into
PostgreSQL, a hundredth more comes after that: later events, and a few late ones. ``runs`` loads one
file a day, each by a run of its own, and compares the last ten runs with the tenth to twentieth of
another target: they alternate, since a machine's speed drifts.

All that is compared must end in equal tables.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import create_engine, text

from benchmarks import by_hand, data
from benchmarks.timing import announced, in_child, parser, print_table
from benchmarks.writing import server
from clicksession import EventSchema, run

__all__ = ["daily_files", "growth", "postgresql", "rounds", "sqlite"]

# Each gives the seconds that it took.
Contestants = dict[str, Callable[[], float]]

OURS, BY_HAND, BEFORE, MORE = "run()", "script by hand", "run() before", "  and then 1 % more"

_SCHEMA = EventSchema.preset("webshop")
_COLUMNS = {
    "events": "event_id, user_id, timestamp, event_type, event_user_agent, event_ip, event_page,"
    " session_id",
    "sessions": "session_id, user_id, started_at, ended_at, duration_seconds, event_count,"
    " start_reason",
}
# A few events first, so that no import is measured.
_LOAD = """
import sys
from time import perf_counter
from clicksession import EventSchema, run
from clicksession.sql import Tables
few, log, url = sys.argv[1:]
schema = EventSchema.preset("webshop")
run(few, url, schema=schema, tables=Tables(prefix="few_"), progress=False)
began = perf_counter()
run(log, url, schema=schema, progress=False)
print(perf_counter() - began)
"""


def rounds(contestants: Contestants, repeat: int) -> dict[str, float]:
    """Return the median seconds of each, in turn, after a round to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(repeat + 1):
        for name, job in contestants.items():
            seconds = job()
            if number:
                taken[name].append(seconds)
    return {name: median(seconds) for name, seconds in taken.items()}


def postgresql(folder: Path, url: str, before: str | None) -> Contestants:
    """Return the ways into PostgreSQL of the files in a folder, each into an empty database."""
    few, log, more = (str(folder / part) for part in ("few.json", "log/*.json", "more/*.json"))
    checked: dict[str, object] = {}

    def into_empty(load: Callable[[], float]) -> float:
        _empty(url)
        seconds = load()
        _require_equal(checked, _content(url))
        return seconds

    def one_more() -> float:
        _checkpoint(url)
        return _loaded(few, more, url)

    contestants: Contestants = {
        OURS: partial(into_empty, partial(_loaded, few, log, url)),
        # Onto what the method before it wrote.
        MORE: one_more,
        BY_HAND: partial(into_empty, partial(in_child, by_hand.into_postgresql, log, url)),
    }
    if before:
        earlier = partial(_loaded, few, log, url, checkout=before)
        contestants[BEFORE] = partial(into_empty, earlier)
    return contestants


def sqlite(folder: Path, before: str | None) -> Contestants:
    """Return the ways into a file of SQLite."""
    few, log = str(folder / "few.json"), str(folder / "log.json")
    ours, hand = folder / "ours.db", folder / "hand.db"

    def load(checkout: str | None = None) -> float:
        ours.unlink(missing_ok=True)
        return _loaded(few, log, f"sqlite:///{ours}", checkout=checkout)

    def script() -> float:
        hand.unlink(missing_ok=True)
        seconds = in_child(by_hand.into_sqlite, log, hand)
        _require_equal_files(ours, hand)
        return seconds

    contestants: Contestants = {OURS: load, BY_HAND: script}
    if before:
        contestants[BEFORE] = partial(load, before)
    return contestants


def daily_files(folder: Path, files: int, events: int, seed: int) -> list[Path]:
    """Write a log in order of time, cut into files of so many events."""
    folder.mkdir()
    whole = data.write_webshop(folder / "whole", files * events, seed)
    days = [folder / f"day-{number:05}.json" for number in range(files)]
    with whole.open("rb") as lines:
        for day in days:
            day.write_bytes(b"".join(next(lines) for _ in range(events)))
    whole.unlink()
    return days


def growth(days: list[Path], old: str, young: str, *, at_once: int = 1) -> tuple[float, float]:
    """Return the seconds of the tenth to twentieth run into a target, and of the last ten.

    Those before them take so many files at once.
    """
    for history, target in ((days[:-10], old), (days[:10], young)):
        for first in range(0, len(history), at_once):
            _run(history[first : first + at_once], target)
    pairs = zip(days[10:20], days[-10:], strict=True)
    taken = [(_run([early], young), _run([late], old)) for early, late in pairs]
    return median(first for first, _ in taken), median(last for _, last in taken)


def _run(days: list[Path], url: str) -> float:
    began = perf_counter()
    run([str(day) for day in days], url, schema=_SCHEMA, progress=False)
    return perf_counter() - began


def _loaded(few: str, log: str, url: str, checkout: str | None = None) -> float:
    """Return the seconds of a run in a process of its own, of this library or an earlier one."""
    place = Path(__file__).parents[1] if checkout is None else Path(checkout)
    environment = {**os.environ, "PYTHONPATH": str(place / "src")}
    command = [sys.executable, "-c", _LOAD, few, log, url]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _require_equal(known: dict[str, object], content: object) -> None:
    if known.setdefault("content", content) != content:
        raise ValueError(f"tables differ: {content} and {known['content']}")


def _content(url: str) -> object:
    """Return what tells one content of the tables from another."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [
            connection.execute(
                text(f"""
                SELECT count(*), sum(hashtextextended(rows::text, 0))
                FROM (SELECT {columns} FROM {table}) AS rows
            """)
            ).one()
            for table, columns in _COLUMNS.items()
        ]
    engine.dispose()
    return found


def _require_equal_files(ours: Path, hand: Path) -> None:
    with closing(sqlite3.connect(ours)) as connection:
        connection.execute("ATTACH ? AS hand", (str(hand),))
        for table, columns in _COLUMNS.items():
            both = (f"SELECT {columns} FROM main.{table}", f"SELECT {columns} FROM hand.{table}")
            for one, other in (both, both[::-1]):
                more = f"SELECT count(*) FROM ({one} EXCEPT {other})"
                if connection.execute(more).fetchone()[0]:
                    raise ValueError(f"{table} of the two files differ")


def _empty(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    _checkpoint(url)


def _checkpoint(url: str) -> None:
    """Have what was written before go to disk now, and not while another is timed."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


@contextmanager
def _databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Start a PostgreSQL with two empty databases, and give their addresses."""
    with server(folder) as engine:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE young"))
        urls = [engine.url, engine.url.set(database="young")]
        old, young = (url.render_as_string(hide_password=False) for url in urls)
        yield old, young


def _into_postgresql(folder: Path, given: argparse.Namespace) -> None:
    (folder / "log").mkdir()
    (folder / "more").mkdir()
    in_child(data.write_webshop_days, folder / "log", folder / "more", given.events, given.seed)
    with _databases(folder / "server") as (url, _):
        seconds = rounds(postgresql(folder, url, given.before), given.repeat)
    print_table("NDJSON to PostgreSQL, with all indexes", seconds)
    print(f"1 % more takes {seconds[MORE] / seconds[OURS]:.1%} of the first load")


def _into_sqlite(folder: Path, given: argparse.Namespace) -> None:
    in_child(data.write_webshop, folder / "log.json", given.events, given.seed)
    seconds = rounds(sqlite(folder, given.before), given.repeat)
    print_table("NDJSON to SQLite, with all indexes", seconds)


def _many_runs(folder: Path, given: argparse.Namespace) -> None:
    days = daily_files(folder / "days", given.files, given.events // given.files, given.seed)
    with _databases(folder / "server") as (old, young):
        targets = {
            "DuckDB": (f"duckdb:///{folder}/old.duckdb", f"duckdb:///{folder}/young.duckdb"),
            "PostgreSQL": (old, young),
        }
        for name, urls in targets.items():
            first, last = growth(days, *urls)
            print(
                f"{name}, {len(days)} runs: the last ten take {last:.3f} s each, "
                f"{last / first:.2f} times as long as the tenth to twentieth ({first:.3f} s)",
                flush=True,
            )


_JOBS = {"postgresql": _into_postgresql, "sqlite": _into_sqlite, "runs": _many_runs}


def main() -> None:
    arguments = parser(__doc__, events=1_000_000, repeat=3)
    arguments.add_argument("job", choices=_JOBS)
    arguments.add_argument("--before", help="a checkout of an earlier version, to run beside")
    arguments.add_argument("--files", type=int, default=1_000, help="how many runs (1_000)")
    given = announced(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        data.write_webshop(folder / "few.json", 10, given.seed)
        _JOBS[given.job](folder, given)


if __name__ == "__main__":
    main()
