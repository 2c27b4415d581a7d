"""`run` beside the script that an expert would write, and beside itself: ratios, at twice the bar.

Seconds of the processor, which a busy machine changes less than those of the clock.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time

import pytest
from benchmarks import data
from benchmarks.end_to_end import by_hand, ours
from benchmarks.shapes import cut_up, load

from tests.chances import at_most

_EVENTS = 100_000
_FILES = 500


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("logs")
    lines = data.write_webshop(folder / "log.json", _EVENTS, seed=0)
    flat = {name: data.write_flat(lines, folder / f"log.{name}") for name in ("csv", "parquet")}
    return {"json": lines, **flat}


@pytest.mark.parametrize(("kind", "bar"), [("json", 0.75), ("csv", 0.9), ("parquet", 0.9)])
def test_run_is_not_far_behind_a_script(
    kind: str, bar: float, logs: dict[str, Path], tmp_path: Path
) -> None:
    def ratio() -> float:
        one, other = (_seconds(partial(job, logs[kind]), tmp_path) for job in (ours, by_hand))
        return one / other

    at_most(2 / bar, ratio)


@pytest.fixture(scope="module")
def even(logs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> float:
    """What a log of the usual shape takes, which every other one is held against."""
    return _seconds(partial(load, str(logs["json"])), tmp_path_factory.mktemp("even"))


@pytest.mark.parametrize("shape", data.SHAPES[1:])
def test_no_shape_of_a_log_costs_much(shape: str, even: float, tmp_path: Path) -> None:
    log = data.write_webshop(tmp_path / "log.json", _EVENTS, 0, shape)

    def ratio() -> float:
        return _seconds(partial(load, str(log)), tmp_path) / even

    at_most(2 * 1.3, ratio)


def test_many_small_files_cost_little_more_than_one(tmp_path: Path) -> None:
    one, many = tmp_path / "one.json", tmp_path / "many"
    data.write_webshop(one, _FILES * 100, seed=0)
    cut_up(one, many)

    def ratio() -> float:
        sources = str(one), f"{many}/*.json"
        whole, parts = (_seconds(partial(load, source), tmp_path) for source in sources)
        return parts / whole

    at_most(2 * 3, ratio)


def _seconds(job: Callable[[Path], object], folder: Path) -> float:
    """Return what a job takes: the least of three times, the first of which warms up."""
    taken = []
    for number in range(3):
        began = process_time()
        job(folder / f"{len(list(folder.iterdir()))}-{number}.duckdb")
        taken.append(process_time() - began)
    return min(taken)
