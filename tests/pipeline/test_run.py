"""`run`: files in, tables out, every row accounted for."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from gcsfs.core import GCSFileSystem

import clicksession as cs
from clicksession.errors import WriteError
from clicksession.writers.target_writer import TargetWriter
from tests.writers.content import content_at

WEBSHOP = cs.EventSchema.preset("webshop")


def test_the_main_job(database_url: str, tmp_path: Path) -> None:
    log = cs.datasets.write_webshop(tmp_path / "events.json.gz", customers=40, seed=1)
    report = cs.run(log, database_url, schema=WEBSHOP, timeout="30min")
    events = cs.read_events(log, schema=WEBSHOP, drop_duplicates=None)
    distinct = events.drop_duplicates("event_id")
    assert report.rows_read == len(events)
    assert report.events_added == len(distinct)
    assert report.duplicates == len(events) - len(distinct)
    assert report.refused == 0
    assert report.events_without_session == int(distinct["user_id"].isna().sum())
    assert report.sessions_added == len(cs.summarize(cs.sessionize(events)))
    assert report.seconds > 0
    assert f"{report.rows_read:,} rows read" in str(report)
    visits = cs.metrics.VisitsBeforeOrder()
    assert visits.compute(database_url) == visits.compute(cs.sessionize(distinct)) is not None


def test_again_and_in_parts_gives_the_tables_of_one_run(database_url: str, tmp_path: Path) -> None:
    log = cs.datasets.write_webshop(tmp_path / "all.json", customers=15, seed=2)
    lines = log.read_text().splitlines(keepends=True)
    parts = [tmp_path / f"part-{number}.json" for number in range(3)]
    for number, part in enumerate(parts):
        part.write_text("".join(lines[number::3]))
    for part in (*reversed(parts), parts[0]):
        cs.run(part, database_url, schema=WEBSHOP)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    cs.run(log, whole, schema=WEBSHOP)
    found, expected = (content_at(url) for url in (database_url, whole))
    assert found["sessions"] == expected["sessions"]
    assert len(found["events"]) == len(expected["events"])
    for event, other in zip(found["events"], expected["events"], strict=True):
        assert event == other


def test_from_a_bucket(bucket: dict[str, Any], tmp_path: Path) -> None:
    log = cs.datasets.write_webshop(tmp_path / "events.json.gz", customers=5, seed=3)
    GCSFileSystem(**bucket).pipe_file("shop/run/2022-05-01.json.gz", log.read_bytes())
    target = f"duckdb:///{tmp_path / 'shop.db'}"
    report = cs.run("gs://shop/run/*.json.gz", target, schema=WEBSHOP, storage_options=bucket)
    assert report.rows_read == len(cs.read_events(log, schema=WEBSHOP))


def test_a_bad_line_writes_nothing(database: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text('{"user_id": 1, "timestamp": 1714557600}\n{oops\n')
    with pytest.raises(cs.errors.BadRowError, match="line 2"):
        cs.run(tmp_path / "log.json", database)
    with database.connect() as connection:
        assert not cs.sql.Tables().exist(connection)


def test_a_bad_target_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.ParameterError, match="database URL"):
        cs.run(tmp_path / "none.json", "nowhere")


def test_an_empty_file(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text("")
    assert cs.run(tmp_path / "log.json", database_url).rows_read == 0


def test_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.json").write_text('{"user_id": 1, "timestamp": 1714557600}\n')
    target = f"duckdb:///{tmp_path / 'a.db'}"
    cs.run(tmp_path / "log.json", target)
    assert capsys.readouterr().err == ""
    cs.run(tmp_path / "log.json", target, progress=True)
    assert "reading" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("way", "time", "said"),
    [
        ("held", 1, "All stored events were cut anew, and that stays."),
        ("write", 1, "All stored events were cut anew, and that stays."),
        ("write", 2, "Events that were added and committed before, and stay: 1."),
        ("write", 3, "Events that were added and committed before, and stay: 2."),
    ],
)
def test_an_error_says_what_the_run_has_committed_last(
    way: str, time: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("_ROWS_PER_WRITE", "_ROWS_PER_FIRST_WRITE"):
        monkeypatch.setattr(f"clicksession.pipeline.batches.{limit}", 1)
    monkeypatch.setattr("clicksession.readers.feeds.small_files._GROUP_BYTES", 1)
    logs = [tmp_path / f"{n}.json" for n in range(4)]
    for n, log in enumerate(logs):
        log.write_text(f'{{"user_id": {n}, "timestamp": {1714557600 + n}}}')
    url, times, asked = f"duckdb:///{tmp_path / 'a.db'}", [], getattr(TargetWriter, way)
    cs.run(logs[0], url)

    def fails(self: TargetWriter, *arguments: Any, **options: Any) -> Any:
        times.append(True)
        if len(times) == time:
            raise WriteError("events", "it failed")
        return asked(self, *arguments, **options)

    monkeypatch.setattr(TargetWriter, way, fails)
    with pytest.raises(WriteError) as failure:
        cs.run(logs, url, rebuild=True)
    assert failure.value.kept.startswith(said)
