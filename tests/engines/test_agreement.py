"""Every engine agrees with the plain loop, row by row: on random logs, by random rules.

A sample in the ordinary tests; over 20,000 events on each engine with
``pytest tests/engines/test_agreement.py --events 20000``.
"""

from collections.abc import Iterator

import pytest

from clicksession.testing.cases import Case as KnownCase
from clicksession.testing.cases import all_cases
from tests.engines.agreement import cases, disagreements, known_case
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
