#!/usr/bin/env bash
# pyorc 0.12.0 (PyPI): a file that was written with a zone gives other instants when it is read.
# timezone= is meant for the writer's footer, which readers of ORC use to keep the clock time. pyorc
# and pyarrow read back a clock time of that zone and call it UTC (pyorc) or nothing (pyarrow), though
# aware datetimes were written. With the type "timestamp with local time zone" they are right.
# One would guess: an aware datetime comes back as the same instant, whatever the zone of the writer.
# Seen: 10:00+00:00, written with America/Bogota, is 05:00+00:00 in pyorc and 05:00 in pyarrow
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pyorc==0.12.0 pyarrow==26.0.1
TZ=UTC "$dir/venv/bin/python" - <<'EOF'
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow.orc
import pyorc

moment = datetime(2024, 5, 1, 10, tzinfo=UTC)


def read_back(kind: str, zone: str) -> tuple[str, str]:
    """The moment as pyorc and as pyarrow read it."""
    file = io.BytesIO()
    with pyorc.Writer(file, f"struct<at:{kind}>", timezone=ZoneInfo(zone)) as writer:
        writer.write((moment,))
    file.seek(0)
    (by_pyorc,) = next(pyorc.Reader(file))
    by_pyarrow = pyarrow.orc.read_table(file)["at"][0].as_py()
    return by_pyorc.isoformat(), by_pyarrow.isoformat()


seen = {
    (kind, zone): read_back(kind, zone)
    for kind in ("timestamp", "timestamp with local time zone")
    for zone in ("UTC", "America/Bogota")
}
for (kind, zone), (by_pyorc, by_pyarrow) in seen.items():
    print(f"{kind}, {zone}: pyorc {by_pyorc}, pyarrow {by_pyarrow}")

right = "2024-05-01T10:00:00"
assert seen["timestamp", "UTC"] == (f"{right}+00:00", right)
assert seen["timestamp", "America/Bogota"] == ("2024-05-01T05:00:00+00:00", "2024-05-01T05:00:00")
assert seen["timestamp with local time zone", "America/Bogota"] == (f"{right}+00:00",) * 2
EOF
