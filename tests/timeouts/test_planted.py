"""What is planted is found, as often as is said; and nothing is where there is nothing."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from clicksession import suggest_timeout
from clicksession.timeouts.bootstrap import fit_of
from tests.timeouts.made import Planted, frame, histograms

Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]

PLANTED = {
    "far apart": Planted(),
    "few visits": Planted(share=0.06, between=2 * 86_400),
    "shallow": Planted(within=180, within_spread=1.3, between=8 * 3600, between_spread=1.5),
    "short": Planted(within=20, within_spread=0.8, between=3600, between_spread=1.2),
}
ONE_HILL: dict[str, Draw] = {
    "lognormal": lambda random, size: np.exp(random.normal(np.log(600), 2.5, size)),
    "exponential": lambda random, size: random.exponential(3600, size),
    "Pareto": lambda random, size: 30 * (1 - random.random(size)) ** (-1 / 0.6),
    "Weibull": lambda random, size: 3600 * random.weibull(0.5, size),
    "two that are one": lambda random, size: np.exp(
        np.where(random.random(size) < 0.5, np.log(300), np.log(3600)) + random.normal(0, 1.5, size)
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_interval_holds_what_is_planted_in_95_of_100_logs(name: str) -> None:
    planted, seeds = PLANTED[name], 25
    crossing = planted.crossing
    holds, errors = 0, []
    for seed in range(seeds):
        fit = fit_of(histograms(*planted.gaps(400, 20, seed)), resamples=60, seed=seed)
        low, high = fit.interval(0.95)
        holds += low <= crossing <= high
        errors.append(np.log2(fit.valley.seconds[0] / crossing))
        assert fit.share_below(0.8) >= 0.95
    # Of 25 logs, an interval of 95 % holds it in fewer than 21 once in a hundred such tests.
    assert holds >= 21
    # And it is off to neither side: by less than a twentieth on average.
    assert abs(np.mean(errors)) < 0.07


@pytest.mark.parametrize("name", ONE_HILL)
@pytest.mark.parametrize("size", [400, 8000])
def test_one_hill_has_no_valley(name: str, size: int) -> None:
    false = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        seconds = ONE_HILL[name](random, size)
        fit = fit_of(histograms(random.integers(0, size // 10, size), seconds), 25, seed)
        false += fit.valley.heights[0] < 0.8 and fit.share_below(0.8) >= 0.95
    # None of these 100 logs; one in a hundred would be no fault.
    assert false == 0


def test_the_interval_is_over_users_and_not_gaps() -> None:
    # The same gaps, of which a user has one or fifty: fifty alike say no more than one.
    owners, seconds = PLANTED["far apart"].gaps(300, 10, 1)
    alone = fit_of(histograms(owners, seconds), 60, 1).interval(0.95)
    again = np.tile(owners, 50), np.tile(seconds, 50)
    together = fit_of(histograms(*again), 60, 1).interval(0.95)
    assert together == pytest.approx(alone, rel=0.01)


def test_a_suggestion_says_what_was_planted() -> None:
    planted = PLANTED["far apart"]
    found = suggest_timeout(frame(*planted.gaps(400, 20, 7)))
    assert found.is_clear
    assert found.timeout is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.timeout < found.high
    assert found.timeout / timedelta(seconds=planted.crossing) == pytest.approx(1, abs=0.1)
    assert found.timeout % timedelta(minutes=1) == timedelta(0)
    assert found.components["weight"].sum() == pytest.approx(1)
    assert found.components["median_seconds"].tolist() == pytest.approx([60, 86_400], rel=0.2)
    assert found.verdict.startswith("A clear valley at ")


def test_the_same_seed_gives_the_same_answer() -> None:
    events = frame(*PLANTED["far apart"].gaps(100, 10, 7))
    first, again, other = (suggest_timeout(events, seed=seed) for seed in (1, 1, 2))
    assert (first.low, first.high) == (again.low, again.high)
    assert (first.low, first.high) != (other.low, other.high)


def test_no_valley_is_said_in_words() -> None:
    random = np.random.default_rng(1)
    owners, seconds = random.integers(0, 200, 4000), random.exponential(3600, 4000)
    found = suggest_timeout(frame(owners, seconds))
    assert (found.timeout, found.low, found.high, found.is_clear) == (None, None, None, False)
    assert found.verdict.startswith("No clear valley: sessions change by ")
    assert found.verdict.endswith("between 20 minutes and 45 minutes, so the choice matters.")


def test_the_choice_hardly_matters_where_nothing_changes() -> None:
    owners, seconds = Planted(within=20, within_spread=0.6, share=0.1).gaps(300, 30, 3)
    found = suggest_timeout(frame(owners, seconds))
    assert found.verdict.endswith(", so the choice hardly matters.")


def test_readers_of_wikipedia_come_near_the_hour_of_the_literature(shared_data: Path) -> None:
    events = pd.read_csv(shared_data / "wikipedia_readers" / "events.csv")
    events["timestamp"] = pd.to_datetime(events["timestamp"])
    found = suggest_timeout(events, user="uuid")
    assert found.low is not None
    assert found.high is not None
    assert found.low < timedelta(hours=1) < found.high
    assert found.timeout is not None
    assert timedelta(minutes=40) <= found.timeout <= timedelta(minutes=60)
    sessions = dict(zip(found.sensitivity["timeout"], found.sensitivity["sessions"], strict=True))
    assert sessions[pd.Timedelta("30min")] == 22_224
    assert found.verdict.endswith("so the choice matters.")
