"""A log comes into a frame about as fast as others bring it, who prove less of it.

Ratios in one run, and twice what the page on performance says is still well: a machine that does
other things as well must not fail this.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest
from benchmarks import data
from benchmarks.reading import METHODS

from tests.chances import at_most

EVENTS, ROUNDS = 60_000, 3


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data.write_webshop(tmp_path_factory.mktemp("log") / "log.json", EVENTS, 0)


def _best(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the least seconds of each way, all of them by turns, after one round to warm up."""
    best = dict.fromkeys(ways, float("inf"))
    for round in range(ROUNDS + 1):
        for name, way in ways.items():
            began = perf_counter()
            way()
            best[name] = min(best[name], perf_counter() - began) if round else best[name]
    return best


@pytest.mark.parametrize(
    ("ours", "theirs", "bound"),
    [
        # Wanted: 1 / 1.3, and 1 / 0.7.
        ("read_events()", "DuckDB read_json, pandas out", 2 / 1.3),
        ("read_events(frame='arrow')", "DuckDB read_json, Arrow out", 2 / 0.7),
    ],
)
def test_reading_is_no_slower_than_half_of_what_is_wanted(
    log: Path, ours: str, theirs: str, bound: float
) -> None:
    ways = {name: partial(METHODS[name], log) for name in (ours, theirs)}

    def ratio() -> float:
        best = _best(ways)
        return best[ours] / best[theirs]

    at_most(bound, ratio)
