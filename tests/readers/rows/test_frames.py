"""What comes out of a reading: frames of pandas, Polars or Arrow, all with the same values."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import clicksession as cs

LOG = "\n".join(
    [
        '{"event_id": 1, "user_id": 7, "timestamp": "2024-05-01T10:00:00Z", "paid": true}',
        '{"event_id": 2, "user_id": null, "timestamp": "2024-05-01T10:01:00Z", "price": 1.5}',
        '{"event_id": 3, "user_id": 9, "timestamp": "2024-05-01T10:02:00Z", "nothing": null}',
    ]
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.json"
    path.write_text(LOG)
    return path


def test_a_table_of_arrow_holds_what_a_frame_of_pandas_does(log: Path) -> None:
    table = cs.read_events(log, frame="arrow")
    assert isinstance(table, pa.Table)
    assert {field.name: str(field.type) for field in table.schema} == {
        "event_id": "int64",
        "user_id": "int64",
        "timestamp": "timestamp[us, tz=UTC]",
        "paid": "bool",
        "price": "double",
        "nothing": "string",
    }
    pd.testing.assert_frame_equal(cs.read_events(table), cs.read_events(log))


def test_a_frame_of_polars_holds_the_same(log: Path) -> None:
    polars = pytest.importorskip("polars", reason="Polars is not installed")
    frame = cs.read_events(log, frame="polars")
    assert isinstance(frame, polars.DataFrame)
    assert frame.to_arrow().to_pylist() == cs.read_events(log, frame="arrow").to_pylist()


def test_batches_are_of_the_frame_that_is_asked_for(log: Path) -> None:
    batches = list(cs.scan_events(log, frame="arrow", batch_rows=2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    whole = cs.read_events(log, frame="arrow")
    stacked = pa.concat_tables(batches, promote_options="default")
    assert stacked.select(whole.column_names).to_pylist() == whole.to_pylist()


def test_no_events_have_their_columns() -> None:
    table = cs.read_events([], frame="arrow")
    assert table.column_names == ["user_id", "timestamp"]
    assert table.num_rows == 0


def test_sessions_of_a_table_are_those_of_a_frame(log: Path) -> None:
    of_arrow = cs.sessionize(cs.read_events(log, frame="arrow"))
    assert isinstance(of_arrow, pa.Table)
    of_pandas = cs.sessionize(cs.read_events(log))
    assert of_arrow["session_id"].to_pylist() == pa.array(of_pandas["session_id"]).to_pylist()


@pytest.mark.parametrize("function", [cs.read_events, cs.scan_events])
def test_another_frame_is_refused(function: object, log: Path) -> None:
    with pytest.raises(cs.errors.ParameterError, match="'pandas', 'polars' or 'arrow'"):
        function(log, frame="duckdb")  # type: ignore[operator]
