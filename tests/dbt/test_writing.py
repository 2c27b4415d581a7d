"""What `write_dbt` writes, and what it refuses to."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.metrics import SessionDuration, VisitsBeforeOrder
from clicksession.warehouse import DbtProject, write_dbt
from clicksession.warehouse.dbt.adapters import ADAPTERS


def write(
    folder: Path, source: Any = "raw.clicks", dialect: str = "duckdb", **more: Any
) -> DbtProject:
    return write_dbt(folder, source, dialect, **more)


def contents(folder: Path) -> dict[str, str]:
    return {
        f"{path.relative_to(folder)}": path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    project = write(tmp_path / "new")
    before = contents(project.folder)
    (tmp_path / "new" / "profiles.yml").write_text("mine")
    times = {path: path.stat().st_mtime_ns for path in project.folder.rglob("*")}
    write(tmp_path / "new")
    assert contents(project.folder) == {**before, "profiles.yml": "mine"}
    assert {path: path.stat().st_mtime_ns for path in project.folder.rglob("*")} == times


def test_what_is_no_longer_written_goes(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    write(folder, metrics=[SessionDuration()])
    (folder / "models" / "mine.sql").write_text("select 1")
    write(folder)
    assert not (folder / "models" / "metrics" / "session_duration.sql").exists()
    assert (folder / "models" / "mine.sql").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ParameterError, match="Give another folder"):
        write(tmp_path)
    assert contents(tmp_path) == {"notes.txt": "mine"}
    with pytest.raises(ParameterError, match="`folder` must be new"):
        write(tmp_path / "notes.txt")


def test_a_file_that_was_changed_by_hand_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    write(folder)
    model = folder / "models" / "events.sql"
    model.write_text("select 1")
    before = contents(folder)
    with pytest.raises(ParameterError, match=r"models/events\.sql is another one now"):
        write(folder, rules=cs.Rules("10min"))
    assert contents(folder) == before


def test_a_call_that_was_interrupted_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    write(folder)
    whole, written = Path.write_text, []

    def failing(path: Path, *arguments: Any) -> int:
        written.append(path)
        if len(written) == 3:
            raise OSError("the disk is full")
        return whole(path, *arguments)

    monkeypatch.setattr(Path, "write_text", failing)
    with pytest.raises(OSError, match="full"):
        write(folder, rules=cs.Rules("10min"))
    monkeypatch.undo()
    again = write(folder, rules=cs.Rules("10min"))
    assert again.files == write(tmp_path / "other", rules=cs.Rules("10min")).files
    assert again.files.items() <= contents(folder).items()


@pytest.mark.parametrize("dialect", ADAPTERS)
def test_every_adapter_is_written_for(dialect: str, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    files = write(tmp_path / "new", dialect=dialect, metrics=[SessionDuration()]).files
    assert "send_anonymous_usage_stats: false" in files["dbt_project.yml"]
    # What the adapter cannot do, and how it ends exact all the same, stands where one looks.
    assert ADAPTERS[dialect].says in files["README.md"]
    assert ADAPTERS[dialect].says in files["models/clicksession.yml"]
    assert "[[" not in "".join(files.values())
    assert ("get_incremental_spans_sql" in files["macros/clicksession.sql"]) == (
        ADAPTERS[dialect].sessions == "spans"
    )


def test_what_is_said_of_a_source(tmp_path: Path) -> None:
    files = write(tmp_path / "table", "shop.raw.clicks").files
    assert 'database: "shop"' in files["models/clicksession_sources.yml"]
    assert "source('raw', 'clicks')" in files["models/events.sql"]
    files = write(tmp_path / "model", "stg_clicks").files
    assert "models/clicksession_sources.yml" not in files
    assert "ref('stg_clicks')" in files["models/events.sql"]
    columns = [sa.column("id"), sa.column("who", sa.Text()), sa.column("at"), sa.column("page")]
    table = sa.table("clicks", *columns, schema="raw")
    model = write(tmp_path / "typed", table, event_id="id", user="who", time="at").files
    assert "source_rows.who AS user_id" in model["models/events.sql"]
    assert "source_rows.page" in model["models/events.sql"]


def test_metrics_read_the_models_by_their_names(tmp_path: Path) -> None:
    metrics = {"before": VisitsBeforeOrder()}
    files = write(tmp_path / "new", events="web_events", sessions="visits", metrics=metrics).files
    assert "ref('web_events')" in files["models/metrics/before.sql"]
    assert "models/visits_numbered.sql" in files


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"source": "raw..clicks"}, "`source` must be a table"),
        ({"source": sa.select(sa.column("a"))}, "Make a model of a query"),
        ({"dialect": "sqlite"}, "`dialect` must be one of 'duckdb'"),
        ({"name": "my project"}, "`name` must be small letters"),
        ({"events": "Events"}, "`events` must be small letters"),
        ({"columns": ["session_id"]}, "without a column 'session_id'"),
        ({"columns": ["cut_by"]}, "without a column 'cut_by'"),
        ({"metrics": [SessionDuration(), SessionDuration()]}, "of names that differ"),
        ({"metrics": [sa.select(sa.table("orders", sa.column("a")))]}, "of the tables 'events'"),
    ],
)
def test_what_is_refused(more: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=says):
        write(tmp_path / "new", **more)
    assert not (tmp_path / "new").exists()


def test_rules_that_sql_cannot_say_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedRuleError, match="max_duration"):
        write(tmp_path / "new", rules=cs.Rules("30min", max_duration="12h"))


def test_braces_are_not_jinja(tmp_path: Path) -> None:
    rules = cs.Rules("30min", start_events=("{{ evil }}",))
    files = write(tmp_path / "new", rules=rules, columns=["event_type"]).files
    assert "{{ evil }}" not in files["models/events.sql"]
    assert "{{ '{{' }} evil }}" in files["models/events.sql"]


def test_a_project_shows_what_was_written(tmp_path: Path) -> None:
    project = write(tmp_path / "new")
    assert repr(project) == f"<DbtProject {tmp_path / 'new'}: {len(project.files)} files>"
    assert "models/events.sql" in project._repr_html_()
