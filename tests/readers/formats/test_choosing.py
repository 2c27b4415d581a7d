"""Which reader a file needs, by its first line; of one that none takes, what comes near."""

from pathlib import Path

import pytest

import clicksession as cs
from clicksession.readers.formats.choosing import Wanted, format_of


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("h2 2024-05-01T10:00:00.1Z app/lb 1.2.3.4:5 200", "EventSchema.preset('alb')"),
        ("2024-05-01T10:00:00.1Z my-lb 1.2.3.4:5 -", "EventSchema.preset('elb')"),
        ("79a59df9 bucket [01/May/2024:10:00:00 +0000] x", "EventSchema.preset('s3_access')"),
        ("web1 [01/May/2024:10:00:00 +0000] GET /", "EventSchema.preset('combined')"),
        ("2024-05-01 10:00:00 1.2.3.4 GET /", "EventSchema.preset('w3c')"),
        ("user_id;timestamp", "CSV(delimiter=';')"),
        ("user_id|timestamp", "CSV(delimiter='|')"),
        ("user=7 action=view", "Give format=…, one of: alb, "),
    ],
)
def test_what_comes_near_is_named(line: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(cs.errors.ReadError, match="the format cannot be told") as caught:
        cs.read_events(str(file))
    assert said in str(caught.value)
    assert " Give format=…, one of: alb, " in str(caught.value)


@pytest.mark.parametrize("line", [b"#Version: 1.0", b"#FIELDS: date time\r"])
def test_a_directive_tells_a_w3c_log_however_it_is_spelled(line: bytes) -> None:
    nothing = Wanted(format=None, is_given=False, has_columns=False)
    assert format_of("access", line + b"\n2024-05-01 10:00:00\n", nothing) == "w3c"
