"""Every engine agrees with the plain loop, row by row: on random logs, by random rules.

A sample in the ordinary tests; over 20,000 events on each engine with
``pytest tests/engines/test_agreement.py --events 20000``.
"""

from collections.abc import Iterator

import pytest

from tests.engines.agreement import cases, disagreements
from tests.engines.frames import ENGINES, Engine, engine
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
