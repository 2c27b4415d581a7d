#!/usr/bin/env bash
# dlt 1.31.0 with duckdb 2.0.1 (PyPI): of two fields whose names become one column, the last wins, a null too.
# dlt writes userId as user_id. An event that has both, as after a change of trackers, keeps what
# stands last in it, without a warning: a user who is known by the one is null by the other.
# One would guess: an error, two columns, or the value rather than the null.
# Seen: {user_id: anonymous-1, userId: ann} -> ann; {user_id: eve, userId: null} -> None
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check dlt==1.31.0 duckdb==2.0.1
cd "$dir" && RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$dir/dlt" venv/bin/python - <<'EOF'
import dlt
import duckdb

events = [
    {"n": 1, "userId": "bob"},
    {"n": 2, "user_id": "anonymous-1", "userId": "ann"},
    {"n": 3, "user_id": "eve", "userId": None},
]
pipeline = dlt.pipeline(
    "events", destination=dlt.destinations.duckdb("events.duckdb"), dataset_name="shop"
)
pipeline.run(events, table_name="events")
with duckdb.connect("events.duckdb") as connection:
    stored = connection.execute("SELECT * FROM shop.events ORDER BY n")
    columns = [column[0] for column in stored.description]
    users = [row[columns.index("user_id")] for row in stored.fetchall()]
for event, user in zip(events, users, strict=True):
    print(event, "->", repr(user))
assert [name for name in columns if "user" in name] == ["user_id"], columns
assert users == ["bob", "ann", None], users
EOF
