"""Each command gives what the function below it gives, on the stream where it belongs."""

import csv
import io
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

import clicksession as cs
from clicksession.cli.metrics import metric_of, metrics_by_name
from tests.cli.calling import call


def test_run_does_what_run_does(folder: Path, capsys: Any) -> None:
    said = call(capsys, "run events.json.gz new.duckdb --preset webshop --timeout 1h")
    assert (said.code, said.err) == (0, "")
    assert "events added" in said.out
    other = f"duckdb:///{folder / 'other.duckdb'}"
    cs.run("events.json.gz", other, schema=cs.EventSchema.preset("webshop"), timeout="1h")
    count = cs.metrics.Count()
    assert count.compute("duckdb:///new.duckdb") == count.compute(other) > 0


def test_run_takes_what_a_shell_makes_of_a_pattern(folder: Path, capsys: Any) -> None:
    for day in (1, 2):
        Path(f"{day}.csv").write_text(f"user,at\n7,2024-05-0{day}T10:00\n")
    said = call(capsys, "run 1.csv 2.csv two.sqlite --user user --time at --json")
    report = json.loads(said.out)
    assert (report["files_read"], report["sessions_added"]) == (2, 2)


def test_run_sets_rows_aside(folder: Path, capsys: Any) -> None:
    Path("bad.json").write_text('{"user_id": 1, "timestamp": "2024-05-01"}\n{oops\n')
    said = call(capsys, "run bad.json b.duckdb")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("Error: bad.json, line 2:")
    said = call(capsys, "run bad.json b.duckdb --quarantine kept.ndjson")
    assert (said.code, said.err) == (0, "1 rows set aside in kept.ndjson.\n")
    assert [row.raw for row in cs.Quarantine.read("kept.ndjson")] == [b"{oops"]


def test_run_reads_csv_of_any_form(folder: Path, capsys: Any) -> None:
    Path("odd.txt").write_bytes(
        "exported\nwer;wann;was\nJürg;01.05.2024 10:00;kauf\n".encode("cp1252")
    )
    options = "-d ';' -e cp1252 -K 1 --user wer --time wann --type was --zone Europe/Zurich"
    said = call(capsys, f"run odd.txt odd.duckdb {options} --time-format '%d.%m.%Y %H:%M'")
    assert said.code == 0, said.err
    (event,) = cs.load_events("duckdb:///odd.duckdb").to_dict("records")
    assert (event["user_id"], event["event_type"]) == ("Jürg", "kauf")
    assert str(event["timestamp"]) == "2024-05-01 08:00:00+00:00"


def test_a_schema_in_a_file(folder: Path, capsys: Any) -> None:
    schema = cs.EventSchema(user_id="who", timestamp="at", null_values=("-",))
    Path("schema.json").write_text(schema.to_json())
    Path("log.csv").write_text("customer,who,at\n7,-,2024-05-01\n")
    said = call(capsys, "describe log.csv --schema schema.json --json")
    assert json.loads(said.out)["users"] == 0
    said = call(capsys, "describe log.csv --schema schema.json --user customer --json")
    assert json.loads(said.out)["users"] == 1
    Path("schema.json").write_text("{")
    assert call(capsys, "describe log.csv --schema schema.json").code == 2


def test_describe_says_what_describe_says(folder: Path, capsys: Any) -> None:
    said = call(capsys, "describe events.json.gz")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(str(cs.describe("events.json.gz")))
    assert said.out.endswith("as options\n  --preset webshop\n")
    found = json.loads(call(capsys, "describe --json events.json.gz").out)
    assert found == json.loads(json.dumps(cs.describe("events.json.gz").to_dict()))


def test_the_options_that_describe_gives_are_those_that_run_takes(
    folder: Path, capsys: Any
) -> None:
    Path("log.csv").write_text("Customer Id,time,action\n7,2024-05-01,view\n")
    options = call(capsys, "describe log.csv").out.splitlines()[-1]
    assert options == "  --user 'Customer Id' --time time --type action"
    said = call(capsys, f"run log.csv l.duckdb {options}")
    assert said.code == 0, said.err
    assert cs.metrics.Count(of="users").compute("duckdb:///l.duckdb") == 1


def test_a_number_goes_alone_to_standard_output(folder: Path, capsys: Any) -> None:
    said = call(capsys, "metric visits-before-order shop.duckdb")
    answer = cs.metrics.VisitsBeforeOrder().compute("duckdb:///shop.duckdb")
    assert float(said.out) == answer
    assert said.err.strip() == cs.metrics.VisitsBeforeOrder().describe()
    assert call(capsys, "metric VisitsBeforeOrder shop.duckdb -q").err == ""
    said = call(capsys, "metric visits-before-order shop.duckdb --json")
    assert json.loads(said.out) == [{"median_visits_before_order": answer}]


def test_a_table_as_text_csv_and_json(folder: Path, capsys: Any) -> None:
    asked = (
        "metric conversion-rate shop.duckdb --by week --zone Europe/Amsterdam --since 2024-05-06"
    )
    week = cs.metrics.Period("week", "Europe/Amsterdam")
    frame = cs.metrics.ConversionRate(by=week, since="2024-05-06").compute("duckdb:///shop.duckdb")
    rates = list(frame["session_conversion_rate"])
    rows = json.loads(call(capsys, f"{asked} --json").out)
    assert [row["session_conversion_rate"] for row in rows] == rates
    read = list(csv.DictReader(io.StringIO(call(capsys, f"{asked} --csv").out)))
    assert [float(row["session_conversion_rate"]) for row in read] == rates
    assert [row["week"] for row in read] == [row["week"] for row in rows]
    table = call(capsys, asked).out.splitlines()
    assert (table[0].split(), len(table)) == (["week", "session_conversion_rate"], 2 + len(rows))


def test_a_null_is_no_zero(folder: Path, capsys: Any) -> None:
    asked = "metric session-duration shop.duckdb --until 2000-01-01"
    assert call(capsys, asked).out == "null\n"
    assert json.loads(call(capsys, f"{asked} --json").out) == [
        {"median_session_duration_minutes": None}
    ]
    assert call(capsys, f"{asked} --csv").out == 'median_session_duration_minutes\n""\n'


@pytest.mark.parametrize(
    ("line", "metric"),
    [
        (
            "visits-before-order --per user --orders first --current cut --order-column x",
            {"per": "user", "orders": "first", "current": "cut", "order_column": "x"},
        ),
        ("funnel --steps a --steps b --within 1h", {"steps": ("a", "b"), "within": "1h"}),
        ("time-between-steps --steps a --steps b --from-step 1", {"steps": ("a", "b")}),
        ("retention --period day --up-to 7", {"period": "day", "up_to": 7}),
        ("common-paths --length 3 --top 5 --by day", {"length": 3, "top": 5, "by": "day"}),
        ("conversion-rate --events a --events b --per user", {"events": ("a", "b"), "per": "user"}),
    ],
)
def test_options_become_parameters(line: str, metric: dict[str, Any], capsys: Any) -> None:
    name, *_ = line.split()
    kind = metrics_by_name()[name]
    more = {"from_step": 1} if "--from-step" in line else {}
    said = call(capsys, f"sql {line} --dialect duckdb")
    assert said.out.strip() == cs.to_sql(kind(**metric, **more), "duckdb"), said.err


def test_every_metric_has_a_command_with_all_of_its_parameters() -> None:
    from clicksession.cli.metric import command

    for name, kind in metrics_by_name().items():
        made = command.get_command(None, name)  # type: ignore[arg-type]
        options = {each.name for each in made.params}
        parameters = {each.name for each in fields(kind)} - {"where"}
        assert parameters <= options, name
        told = {"page": "p", "source": "s", "steps": ("a", "b")}
        needed = {key: value for key, value in told.items() if key in parameters}
        assert metric_of(kind, {"zone": "UTC", **needed}) == kind(**needed)


def test_sql_names_the_events_of_a_log(folder: Path, capsys: Any) -> None:
    asked = "sql conversion-rate --dialect postgresql"
    assert "'placed_order'" in call(capsys, asked).out
    assert "'Order Completed'" in call(capsys, f"{asked} --preset segment").out
    assert "'placed_order'" in call(capsys, f"{asked} --target shop.duckdb").out
    view = call(capsys, "sql count --dialect duckdb --create view --name n").out
    assert (view.startswith("CREATE VIEW n AS"), view.endswith(";\n")) == (True, True)


def test_doctor_knows_every_extra_that_is_for_users(capsys: Any) -> None:
    import tomllib

    from tests.cli.calling import ROOT

    found = json.loads(call(capsys, "doctor --json").out)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(project["optional-dependencies"]) - {"bench", "dev", "docs", "fuzz", "test"}
    assert set(found["extras"]) <= extras
    assert found["clicksession"] == cs.__version__
    assert found["dialects"]["duckdb"] is found["formats"]["csv"] is True


def test_doctor_says_how_to_install_what_is_missing(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clicksession.cli import doctor

    wanted = ["click>=8", 'nosuchpackage>=1; extra == "s3"', 'pytest; extra == "test"']
    monkeypatch.setattr(doctor, "requires", lambda name: wanted)
    said = call(capsys, "doctor").out
    assert "nosuchpackage missing" in said
    assert said.endswith('For what is missing: pip install "clicksession[s3]"\n')


def test_demo_shows_commands_that_give_what_it_shows(folder: Path, capsys: Any) -> None:
    said = call(capsys, "demo shown")
    assert (said.code, said.err) == (0, "")
    for part in said.out.split("\n$ clicksession ")[2:]:
        line, *shown = part.splitlines()
        again = call(capsys, line)
        assert again.code == 0
        expected = "\n".join([again.err.strip(), again.out.strip()])
        assert "\n".join(shown).partition("\n\nNext")[0].strip() == expected


@pytest.mark.parametrize("name", ["x.duckdb", "x.sqlite", "named.otherwise"])
def test_a_target_is_a_file_or_a_url(name: str, folder: Path, capsys: Any) -> None:
    url = f"sqlite:///{name}" if name != "x.duckdb" else f"duckdb:///{name}"
    assert call(capsys, f"run events.json.gz {url} --preset webshop").code == 0
    by_file, by_url = (call(capsys, f"metric count {text} -q") for text in (name, url))
    assert by_file == by_url
    assert int(by_file.out) > 0


def test_a_file_that_is_no_database_is_no_target(folder: Path, capsys: Any) -> None:
    Path("fake.duckdb").write_text("user_id,timestamp\n")
    said = call(capsys, "run events.json.gz fake.duckdb --preset webshop")
    assert (said.code, Path("fake.duckdb").read_text()) == (2, "user_id,timestamp\n")


def test_tables_by_prefix(folder: Path, capsys: Any) -> None:
    assert call(capsys, "run events.json.gz p.sqlite --preset webshop --prefix web_").code == 0
    assert int(call(capsys, "metric count p.sqlite --prefix web_").out) > 0
    engine = create_engine("sqlite:///p.sqlite")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM web_sessions").scalar()
    engine.dispose()


def test_a_report_is_a_page(folder: Path, capsys: Any) -> None:
    said = call(capsys, "report shop.duckdb out.html --title 'Our shop'")
    assert (said.code, said.out, said.err) == (0, "", "Written: out.html\n")
    assert "<title>Our shop" in Path("out.html").read_text(encoding="utf-8")


def test_a_timeout_of_a_log(folder: Path, capsys: Any) -> None:
    asked = "suggest-timeout events.json.gz --preset webshop"
    events = cs.read_events("events.json.gz", schema=cs.EventSchema.preset("webshop"))
    found = cs.suggest_timeout(events)
    assert call(capsys, asked).out == f"{found.describe()}\n"
    assert json.loads(call(capsys, f"{asked} --json").out)["verdict"] == found.verdict
    by_agent = json.loads(call(capsys, f"{asked} --json --by event_user_agent").out)
    assert set(by_agent) == set(events["event_user_agent"].dropna())


def test_a_timeout_of_a_log_counts_the_orders_of_its_export(tmp_path: Path, capsys: Any) -> None:
    kinds = enumerate(("Product Viewed", "Order Completed"))
    rows = [
        {"messageId": f"{n}", "anonymousId": "ann", "event": kind, "type": "track"}
        | {"timestamp": f"2024-05-01T1{n}:00:00Z"}
        for n, kind in kinds
    ]
    log = tmp_path / "track.ndjson"
    log.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    said = call(capsys, f"suggest-timeout {log} --preset segment").out
    assert "conversion stays at 50.00 %" in said


def test_what_an_error_tells_to_write_is_told_as_options(folder: Path, capsys: Any) -> None:
    Path("log.csv").write_text("who;when\n7;31.12.2024 10:00\n")
    told = []
    for line, option in (
        ("run log.csv l.duckdb", "-d ';'"),
        ("run log.csv l.duckdb -d ; --user who", "--time FIELD"),
        ("run log.csv l.duckdb -d ; --user who --time when", "--time-format"),
        ("run log.csv l.duckdb -d , --user what --time when", "-d ';'"),
        ("run events.json.gz shop.duckdb --preset webshop --timeout 1h", "--rebuild"),
        ("run events.json.gz e.duckdb", "--user FIELD"),
    ):
        said = call(capsys, line.replace("-d ;", "-d ';'"))
        assert said.code == 1, line
        assert option in said.err, said.err
        told.append(said.err)
    assert not re.search(r"EventSchema|formats\.|rebuild=|=…", "".join(told))


def test_a_log_where_a_target_is_due_says_how_it_becomes_one(folder: Path, capsys: Any) -> None:
    said = call(capsys, "metric count events.json.gz")
    assert said.code == 2
    assert "clicksession run events.json.gz shop.duckdb" in said.err
    assert "clicksession run" not in call(capsys, "metric count nothing.json").err


def test_run_keeps_counts_of_events_and_warns_of_nothing(folder: Path, capsys: Any) -> None:
    asked = "run events.json.gz c.duckdb --preset webshop --counted-events placed_order"
    said = call(capsys, asked)
    assert said.code == 0
    assert "Warning" not in said.err
    tables = cs.sql.Tables(counted_events=("placed_order",))
    counts = cs.load_sessions("duckdb:///c.duckdb", tables=tables).iloc[:, -1]
    orders = cs.metrics.Count(of="conversions").compute("duckdb:///c.duckdb")
    assert counts.sum() == orders > 0


def test_the_options_that_describe_gives_leave_a_blank_for_what_is_missing(
    folder: Path, capsys: Any
) -> None:
    Path("log.csv").write_text("who;am\n7;31.12.2024 10:00\n8;31.12.2024 11:00\n")
    said = call(capsys, "describe log.csv -d ';'")
    assert said.out.endswith("as options\n  --user … --time am --time-format '%d.%m.%Y %H:%M'\n")
    assert "  it has: who, am\n" in said.out


def test_run_with_one_place_says_which_is_missing(folder: Path, capsys: Any) -> None:
    said = call(capsys, "run events.json.gz")
    assert said.code == 2
    assert "clicksession run events.json.gz shop.duckdb" in said.err
    said = call(capsys, "run shop.duckdb")
    assert (said.code, "Give a SOURCE" in said.err) == (2, True)
    assert call(capsys, "run").code == 2
