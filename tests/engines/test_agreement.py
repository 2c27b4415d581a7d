"""Every engine agrees with the plain loop, row by row: on random logs, by random rules.

A sample in the ordinary tests; over 20,000 events on each engine with
``pytest tests/engines/test_agreement.py --events 20000``.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from random import Random

import pytest

from clicksession import Rules
from clicksession.testing.cases import Case as KnownCase
from clicksession.testing.cases import all_cases
from clicksession.testing.logs import NANOSECONDS
from tests.engines.agreement import cases, disagreements, known_case, random_case
from tests.engines.frames import ENGINES, Engine, engine, rows
from tests.engines.needs import require

# How many events are in one frame: few where frames are cheap, so that there are more rules.
_AT_ONCE = {"pandas": 30, "polars": 30, "arrow": 30, "polars_lazy": 60, "duckdb": 100, "spark": 900}
_SAMPLE = {"spark": 3600}


def _server(request: pytest.FixtureRequest, name: str) -> str:
    kind = name.removeprefix("sql_")
    if kind in ("postgresql", "mariadb"):
        return str(request.getfixturevalue(f"{kind}_url"))
    return f"{kind}:///:memory:"


@pytest.fixture
def one(request: pytest.FixtureRequest) -> Iterator[tuple[str, Engine]]:
    name: str = request.param
    require(name)
    with engine(name, lambda kind: _server(request, kind)) as started:
        yield name, started


@pytest.mark.parametrize("one", ENGINES, indirect=True)
def test_any_log_by_any_rules(one: tuple[str, Engine], request: pytest.FixtureRequest) -> None:
    name, of = one
    events = request.config.getoption("--events") or _SAMPLE.get(name, 3000)
    compared = 0
    for case in cases(20240501, of, events, _AT_ONCE.get(name, 300)):
        assert disagreements(case, of) == []
        compared += len(case.columns["n"])
    assert compared >= events


def _wanted(cases: list[KnownCase], of: Engine) -> list[KnownCase]:
    """Return the cases that an engine can be given."""
    fine = [case for case in cases if case.log.unit != "ns" or of.unit == "ns"]
    return [case for case in fine if of.in_passes or not case.rules.sequential]


@pytest.mark.parametrize("one", ENGINES, indirect=True)
def test_the_table_of_cases(one: tuple[str, Engine], request: pytest.FixtureRequest) -> None:
    name, of = one
    known = _wanted(all_cases(), of)
    if name == "spark" and not request.config.getoption("--events"):
        # Each takes Spark about a second: one of each topic, and all by the command.
        known = list({case.topic: case for case in known}.values())
    for each in known:
        case = known_case(each, of)
        found = rows(of.run(case.table(), case.rules))
        got = [(found[n][0], found[n][1]) for n in sorted(found)]
        expected = list(zip(each.session_ids(), each.sessions, strict=True))
        assert got == expected, (each.topic, each.name)


# What random rules come to so seldom that a sample may miss it.
_SELDOM = [
    Rules("30s", at, resolution=step, rounding=way, rounded=what, timeout_column=own)
    for at in ("same", "new")
    for step in ("second", "minute")
    for way, what in (("nearest", "times"), ("nearest", "gap"), ("down", "times"))
    for own in (None, "patience")
]


@pytest.mark.parametrize("one", [name for name in ENGINES if name != "spark"], indirect=True)
def test_rules_that_round(one: tuple[str, Engine]) -> None:
    _, of = one
    random = Random(7)
    for rules in _SELDOM:
        case = replace(random_case(random, of, 200), rules=rules)
        # Steps of half a unit of the rounding, and one beside: where the even neighbour decides.
        half = rules.resolution_in_nanoseconds // 2
        beside = NANOSECONDS[of.unit]
        steps = [half, half + beside, half - beside, 2 * half, 3 * half, 5 * half + beside, 0]
        times = accumulate(random.choice(steps) for _ in case.columns["n"])
        columns = {
            **case.columns,
            "timestamp": list(times),
            "user_id": ["ann"] * len(case.columns["n"]),
        }
        own = [None, 10**9, 31 * 10**9, 60 * 10**9, 90 * 10**9, 180 * 10**9]
        columns["patience"] = random.choices(own, k=len(case.columns["n"]))
        case = replace(case, columns=columns, unit=of.unit)
        assert disagreements(case, of) == []


@pytest.mark.parametrize("one", ENGINES, indirect=True)
def test_a_timeout_alone(one: tuple[str, Engine]) -> None:
    """Each window may put ties into an order of its own: sessions must not fall between two."""
    name, of = one
    for seed in range(1 if name == "spark" else 8):
        case = replace(random_case(Random(seed), of, 600), rules=Rules("1s"))
        assert disagreements(case, of) == []
