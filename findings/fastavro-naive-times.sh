#!/usr/bin/env bash
# fastavro 1.13.1 (PyPI): a naive datetime is taken for the local time of the machine that writes.
# The same rows give another file on a laptop than on a server. A local-timestamp keeps the clock
# time of an aware datetime and drops its offset.
# One would guess: UTC, as pyarrow, pandas and DuckDB read a time without a zone, or an error.
# Seen: 10:00 written with TZ=UTC is 10:00Z, with TZ=America/Bogota 15:00Z
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check fastavro==1.13.1
"$dir/venv/bin/python" - <<'EOF'
import io
import os
import time
from datetime import datetime, timedelta, timezone

import fastavro


def written(moment: datetime, kind: str) -> str:
    """What a reader gets of a moment that was written as this logical type."""
    field = {"name": "at", "type": {"type": "long", "logicalType": kind}}
    file = io.BytesIO()
    fastavro.writer(file, {"type": "record", "name": "event", "fields": [field]}, [{"at": moment}])
    file.seek(0)
    return next(fastavro.reader(file))["at"].isoformat()


naive = datetime(2024, 5, 1, 10)
seen = {}
for zone in ("UTC", "America/Bogota"):
    os.environ["TZ"] = zone
    time.tzset()
    seen[zone] = written(naive, "timestamp-micros")
    print(f"{naive} written in {zone}: {seen[zone]}")
tokyo = naive.replace(tzinfo=timezone(timedelta(hours=9)))
seen["local"] = written(tokyo, "local-timestamp-micros")
print(f"{tokyo} as local-timestamp: {seen['local']}")

assert seen == {
    "UTC": "2024-05-01T10:00:00+00:00",
    "America/Bogota": "2024-05-01T15:00:00+00:00",
    "local": "2024-05-01T10:00:00",
}, seen
EOF
