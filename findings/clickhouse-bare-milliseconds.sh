#!/usr/bin/env bash
# chdb 4.4.0 (PyPI; ClickHouse 26.9): milliseconds since 1970 are another time as a number than as a text.
# JSONEachRow into DateTime64(3): "1714557600123" in quotes is the right instant, the same without
# quotes is taken for seconds and cut to the last second of the year 9999; into DateTime, to 2106.
# One would guess: the same both times, or an error for a time that the column cannot hold.
# Seen: quoted 2024-05-01 10:00:00.123; bare 9999-12-31 23:59:59.000; bare as DateTime 2106-02-07 06:28:15
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0
cd "$dir" && TZ=UTC venv/bin/python - <<'EOF'
import json

import chdb


def read(kind: str, value: object) -> str:
    """The time of an event whose JSON has this value, in a column of this type."""
    event = json.dumps({"at": value})
    query = f"SELECT at FROM format(JSONEachRow, 'at {kind}', '{event}')"
    answer = str(chdb.query(query, "TSV")).strip()
    print(f"{event} as {kind}: {answer}")
    return answer


assert read("DateTime64(3)", "1714557600123") == "2024-05-01 10:00:00.123"
assert read("DateTime64(3)", 1714557600123) == "9999-12-31 23:59:59.000"
assert read("DateTime", 1714557600123) == "2106-02-07 06:28:15"
assert read("DateTime64(3)", 1714557600.123) == "2024-05-01 10:00:00.123"
EOF
