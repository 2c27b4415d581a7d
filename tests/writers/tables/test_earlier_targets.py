"""What an earlier version has written opens, and goes on as if this one had written it."""

import gzip
from pathlib import Path

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql import Tables
from tests.writers.content import content_at

TARGETS = Path(__file__).parents[2] / "data" / "targets"
WEBSHOP = cs.EventSchema.preset("webshop")
COUNTED = Tables(counted_events=("placed_order",))


@pytest.fixture
def earlier_url(database_url: str) -> str:
    """A target that an earlier version wrote, on each database."""
    url = sa.make_url(database_url)
    kind = url.get_backend_name()
    if url.database and kind in ("duckdb", "sqlite"):
        Path(url.database).write_bytes(gzip.decompress((TARGETS / f"{kind}.gz").read_bytes()))
        return database_url
    engine = sa.create_engine(database_url)
    statements = (TARGETS / f"{kind}.sql").read_text().split(";\n")
    with engine.begin() as connection:
        for statement in filter(str.strip, statements):
            connection.exec_driver_sql(statement.replace("%", "%%"))
    engine.dispose()
    return database_url


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    log = cs.datasets.write_webshop(tmp_path / "all.json", customers=12, seed=5)
    return log.read_text().splitlines(keepends=True)


def test_it_goes_on(earlier_url: str, lines: list[str], tmp_path: Path) -> None:
    before, late = tmp_path / "before.json", tmp_path / "late.json"
    before.write_text("".join(lines[::2]))
    # Some of them once more: those that are stored are known.
    late.write_text("".join([*lines[1::2], *lines[:20:2]]))
    expected = f"duckdb:///{tmp_path / 'expected.db'}"
    cs.run(before, expected, schema=WEBSHOP, tables=COUNTED)
    assert content_at(earlier_url) == content_at(expected)
    report = cs.run(late, earlier_url, schema=WEBSHOP)
    assert (report.events_added, report.duplicates) == (len(lines[1::2]), 10)
    assert report.sessions_changed
    cs.run(late, expected, schema=WEBSHOP)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.run(tmp_path / "all.json", whole, schema=WEBSHOP, tables=COUNTED)
    assert content_at(earlier_url) == content_at(expected) == content_at(whole)
    for metric in (cs.metrics.VisitsBeforeOrder(), cs.metrics.MinutesBeforeOrder()):
        assert metric.compute(earlier_url) == metric.compute(whole)
    assert cs.run(late, earlier_url, schema=WEBSHOP).files_skipped == 1


def test_it_is_told_by_its_rules(earlier_url: str, lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(cs.errors.RulesChangedError):
        cs.SQLWriter(earlier_url, timeout="1h").count_events()
    writer = cs.SQLWriter(earlier_url, timeout="1h")
    writer.rebuild()
    log = tmp_path / "all.json"
    cs.run(log, earlier_url, schema=WEBSHOP, timeout="1h")
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.run(log, whole, schema=WEBSHOP, timeout="1h", tables=COUNTED)
    assert content_at(earlier_url) == content_at(whole)
