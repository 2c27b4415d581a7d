"""The W3C's extended log format: a line has the fields that were declared last, or is refused."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats import blocks
from tests.readers.door import ran

W3C = cs.EventSchema.preset("w3c")
CLOUDFRONT = cs.EventSchema.preset("cloudfront")
FIELDS = "#Fields: date time c-ip cs(User-Agent)\n"
LINE = "2024-05-01 10:00:00 192.0.2.1 Mozilla/5.0+(X11)\n"


def written(folder: Path, content: str, name: str = "u_ex240501.log") -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


def read(path: Path, **options: Any) -> tuple[pd.DataFrame, cs.ReadReport]:
    report = cs.ReadReport()
    options = {"schema": W3C, "on_error": "quarantine", "report": report, **options}
    return cs.read_events(path, **options, drop_duplicates=None), report


def plain(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column]


def test_fields_that_change_in_mid_file(tmp_path: Path) -> None:
    more = (
        "#Fields: c-ip time cs(User-Agent) date\n192.0.2.1 10:05:00 Mozilla/5.0+(X11) 2024-05-01\n"
    )
    found = ran(written(tmp_path, FIELDS + LINE + more), tmp_path, schema=W3C)
    times = [f"{time:%Y-%m-%d %H:%M:%S}" for time in found.events["timestamp"]]
    assert times == ["2024-05-01 10:00:00", "2024-05-01 10:05:00"]
    assert found.users == ["192.0.2.1 Mozilla/5.0 (X11)"]
    assert found.report.reading.rows_read == 2


# Two forms that are read together, and more than are.
@pytest.mark.parametrize("forms", [2, 20])
def test_fields_that_change_to_and_fro(forms: int, tmp_path: Path) -> None:
    content, times = "", []
    for number in range(40):
        names = ["date", "time", *["x"] * (number % forms)]
        order = [*reversed(names)] if number % 2 else names
        time = f"10:00:{number:02}"
        values = {"date": "2024-05-01", "time": time, "x": "a"}
        content += f"#Fields: {' '.join(order)} c-ip\n"
        content += " ".join(values[name] for name in order) + f" 192.0.2.{number}\n"
        content += "a line of no fields\n" if number % 7 == 0 else ""
        times.append(time)
    found, report = read(written(tmp_path, content))
    assert [f"{time:%H:%M:%S}" for time in found["timestamp"]] == times
    assert found["user_id"].tolist() == [f"192.0.2.{number}" for number in range(40)]
    assert (report.rows_read, report.rows_refused) == (46, 6)


def test_directives_are_no_rows(tmp_path: Path) -> None:
    head = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
    head += "#Date: 2024-05-01 10:00:00\r\n"
    content = head + FIELDS + LINE + head + FIELDS + "\r\n" + LINE + "#Remark: the end\n"
    found, report = read(written(tmp_path, "\ufeff" + content + "\ufeff" + FIELDS + LINE))
    assert (len(found), report.rows_read, report.rows_refused) == (3, 3, 0)
    nothing, report = read(written(tmp_path, head + FIELDS, "empty.log"))
    assert (len(nothing), report.rows_read) == (0, 0)


BAD = {
    "a line before any #Fields": (LINE + FIELDS, LINE, "not_log_line", "no #Fields line before it"),
    "a field too few": (
        FIELDS,
        "2024-05-01 10:00:00 192.0.2.1\n",
        "field_count",
        "not the 4 fields",
    ),
    "a field too many": (FIELDS, LINE[:-1] + " x\n", "field_count", "it has not the 4 fields"),
    "a user of two words": (
        "#Fields: date time cs-username c-ip\n",
        "2024-05-01 10:00:00 JOE BLOGGS 192.0.2.1\n",
        "field_count",
        "it has not the 4 fields",
    ),
    "an empty field": (FIELDS, LINE.replace("192.0.2.1", ""), "field_count", "it has not the 4"),
    "fields in another order": (
        FIELDS,
        "192.0.2.1 2024-05-01 10:00:00 Mozilla\n",
        "not_log_line",
        "date is no date: 192.0.2.1",
    ),
    "a status that is none": (
        "#Fields: date time sc-status\n",
        "2024-05-01 10:00:00 /index.html\n",
        "not_log_line",
        "sc-status is no whole number: /index.html",
    ),
    "an open quote": (FIELDS, LINE.replace("Moz", '"Moz'), "field_count", "it has not the 4"),
    "too many fields": (
        f"#Fields: {'x ' * 5000}\n",
        "x " * 4999 + "x\n",
        "not_log_line",
        "#Fields names 5,000 fields, more than 4,096",
    ),
    "a #Fields of nothing": ("#Fields:\n", LINE, "not_log_line", "no #Fields line before it"),
    "a time without a day": (
        "#Fields: time c-ip\n",
        "10:00:00 192.0.2.1\n",
        "not_log_line",
        "neither it nor a #Date line says the day",
    ),
    "a time of the next day": (
        "#Date: 2024-05-01 23:00:00\n#Fields: time c-ip\n",
        "00:10:00 192.0.2.1\n",
        "not_log_line",
        "its time is before that of #Date, 2024-05-01 23:00:00",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_line_of_other_fields_is_refused(case: str, tmp_path: Path) -> None:
    head, line, reason, said = BAD[case]
    content = (head if line not in head else "") + line + (FIELDS + LINE if line in head else "")
    found, report = read(written(tmp_path, content), format="w3c")
    (bad,) = report.quarantine
    assert (bad.reason, bad.raw.decode()) == (reason, line.rstrip())
    assert said in bad.detail
    assert len(found) == report.rows_read - 1


def test_what_was_refused_is_read_again_with_its_own_fields(tmp_path: Path) -> None:
    other = "#Date: 2024-05-02 00:00:00\n#Fields: c-ip time cs(User-Agent)\n"
    content = FIELDS + LINE.replace("10:00", "1000") + LINE + other + "192.0.2.9 1:00 curl\n"
    found, report = read(written(tmp_path, content))
    assert len(found) == 1
    assert [row.line for row in report.quarantine] == [2, 6]
    text = written(tmp_path, content).read_text()
    offsets = [text.index("2024-05-01 1000"), text.index("192.0.2.9 1:00")]
    assert [row.offset for row in report.quarantine] == offsets
    mended = report.quarantine.repaired(
        lambda raw: raw.replace(b"1000", b"10:00").replace(b" 1:", b" 01:")
    )
    again = cs.read_events(mended, schema=W3C)
    assert again["user_id"].tolist() == ["192.0.2.1 Mozilla/5.0 (X11)", "192.0.2.9 curl"]
    times = [pd.Timestamp("2024-05-01T10:00Z"), pd.Timestamp("2024-05-02T01:00Z")]
    assert again["timestamp"].tolist() == times


def test_texts_in_quotes(tmp_path: Path) -> None:
    content = '#Fields: date time c-ip x-a x-b\n2024-05-01 10:00:00 192.0.2.1 "a ""b"" c" "-"\n'
    content += "2024-05-01\t10:00:00\t192.0.2.1\ta b\t\n"
    content += '2024-05-01\t10:00:00\t192.0.2.1\t"a\tb"\tc "d"\t\n'
    found, _ = read(written(tmp_path, content))
    assert found["x_a"].tolist() == ['a "b" c', "a b"]
    assert plain(found["x_b"]) == [None, None]


@pytest.mark.parametrize(
    ("agent", "meant"),
    [
        ("Mozilla/5.0+(X11)", "Mozilla/5.0 (X11)"),
        (
            "Googlebot/2.1;++http://g.example/bot.html)",
            "Googlebot/2.1; +http://g.example/bot.html)",
        ),
        ("Slackbot+1.0+(+https://s.example)", "Slackbot 1.0 (+https://s.example)"),
        ("-", None),
    ],
)
def test_agents_of_iis(agent: str, meant: str | None, tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, FIELDS + LINE.replace("Mozilla/5.0+(X11)", agent)))
    assert plain(found["cs_user_agent"]) == [meant]
    assert found["user_id"].tolist() == [f"192.0.2.1 {meant}" if meant else "192.0.2.1"]


def test_a_header_is_the_same_in_small_letters(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, FIELDS.lower().replace("#fields", "#Fields") + LINE))
    assert found["user_id"].tolist() == ["192.0.2.1 Mozilla/5.0 (X11)"]


@pytest.mark.parametrize(
    ("agent", "meant"),
    [
        ("curl/8.0", "curl/8.0"),
        ("Odd%20%22agent%22+x%20(50%25)", 'Odd "agent"+x (50%)'),
        ("Odd%2520%2522agent%2522", 'Odd "agent"'),
        ("My%2520App/1.0%20CFNetwork", "My%20App/1.0 CFNetwork"),
        ("%FF", "%FF"),
    ],
)
def test_agents_of_cloudfront(agent: str, meant: str, tmp_path: Path) -> None:
    content = "#Version: 1.0\n#Fields: date time x-edge-location c-ip cs(User-Agent) cs-uri-query\n"
    content += f"2024-05-01\t10:00:00\tAMS1\t192.0.2.1\t{agent}\tq=a%2520b\n"
    found, _ = read(written(tmp_path, content), schema=CLOUDFRONT)
    assert found["user_id"].tolist() == [f"192.0.2.1 {meant}"]
    assert found["cs_uri_query"].tolist() == ["q=a%20b"]
    # Logs of the first years name no request.
    assert found["event_id"].isna().all()


def test_a_request_that_was_delivered_twice_is_one_event() -> None:
    path = Path(__file__).parents[2] / "exports" / "cloudfront.log"
    report = cs.ReadReport()
    found = cs.read_events([path, path], schema=CLOUDFRONT, report=report)
    assert (len(found), report.duplicates) == (4, 4)
    assert found["event_id"][0] == "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZm0=="


def test_a_time_has_the_day_of_its_log(tmp_path: Path) -> None:
    content = "#Date: 2024-05-01 00:00:00\n#Fields: time c-ip\n10:00:00 192.0.2.1\n"
    content += "#Date: 2024-05-02 00:00:00\n10:00:00 192.0.2.1\n- 192.0.2.1\n"
    found, _ = read(written(tmp_path, content))
    days = [value and value.day for value in plain(found["timestamp"])]
    assert days == [1, 2, None]


_NAMES = ["date", "time", "c-ip", "cs(User-Agent)", "sc-status", "x-a", "x-b"]
_WORD = st.text("abcXYZ019/;=.é", min_size=1, max_size=6)


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[dict[str, str]]]:
    """Return a log whose fields change now and then, and the rows in it."""
    text, rows = "", []
    for _ in range(draw(st.integers(1, 4))):
        others = draw(st.lists(st.sampled_from(_NAMES[3:]), unique=True))
        names = draw(st.permutations([*_NAMES[:3], *others]))
        mark = draw(st.sampled_from([" ", "\t"]))
        text += f"#Fields: {' '.join(names)}\n"
        for _ in range(draw(st.integers(0, 3))):
            second = draw(st.integers(0, 59))
            row = {"date": "2024-05-01", "time": f"10:00:{second:02}", "sc-status": "200"}
            row |= {"c-ip": f"192.0.2.{draw(st.integers(1, 3))}"}
            row |= {name: draw(_WORD) for name in ("cs(User-Agent)", "x-a", "x-b")}
            rows.append({name: row[name] for name in names})
            text += mark.join(row[name] for name in names) + draw(st.sampled_from(["\n", "\r\n"]))
    return text, rows


@given(log=logs(), size=st.integers(1, 80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_line_has_the_fields_declared_last(
    log: tuple[str, list[dict[str, str]]],
    size: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, rows = log
    # However the bytes come.
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    found, report = read(written(tmp_path, text))
    assert (len(found), report.rows_refused) == (len(rows), 0)
    users = [" ".join(row[n] for n in ("c-ip", "cs(User-Agent)") if n in row) for row in rows]
    assert list(found["user_id"]) == users
    assert [f"{time:%H:%M:%S}" for time in found["timestamp"]] == [row["time"] for row in rows]
    for name, column in (("x-a", "x_a"), ("x-b", "x_b")):
        expected = [row.get(name) for row in rows]
        assert (plain(found[column]) if column in found else [None] * len(rows)) == expected
