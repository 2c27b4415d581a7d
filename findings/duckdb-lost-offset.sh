#!/usr/bin/env bash
# duckdb 2.0.1 (PyPI), and 1.4.2: text with an offset that is read as TIMESTAMP loses the offset.
# 10:00+02:00 is 10:00, not 08:00, by a cast, by columns = {seen_at: 'TIMESTAMP'} of read_json and by an
# insert into a TIMESTAMP column. Events of servers in two zones are hours apart. As TIMESTAMPTZ,
# which is what read_json infers, they are right.
# One would guess: the instant in UTC, or an error, since the type has no place for an offset.
# Seen: 10:00 by the cast, by read_json and by the insert; inferred 08:00 UTC
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check duckdb==2.0.1
cd "$dir" && venv/bin/python - <<'EOF'
from pathlib import Path

import duckdb

text = "2024-05-01T10:00:00+02:00"
Path("events.ndjson").write_text(f'{{"seen_at": "{text}"}}\n')
duckdb.execute("SET TimeZone = 'UTC'")
duckdb.execute("CREATE TABLE events (seen_at TIMESTAMP)")
duckdb.execute(f"INSERT INTO events VALUES ('{text}')")
queries = {
    "cast": f"SELECT '{text}'::TIMESTAMP",
    "declared": "SELECT seen_at FROM read_json('events.ndjson', columns = {seen_at: 'TIMESTAMP'})",
    "inserted": "SELECT seen_at FROM events",
    "inferred": "SELECT seen_at FROM read_json('events.ndjson')",
}
seen = {}
for name, query in queries.items():
    (value,) = duckdb.execute(query).fetchone()
    seen[name] = f"{value:%H:%M}"
    print(f"{name}: {value}")
assert seen == {"cast": "10:00", "declared": "10:00", "inserted": "10:00", "inferred": "08:00"}, seen
EOF
