#!/usr/bin/env bash
# pyarrow 26.0.1 (PyPI): `with pq.ParquetWriter(…)` ends a file also where an error leaves the block.
# What was written before the error reads as a whole file: half of the events, without a sign of it.
# One would guess: a file that no reader takes, or none.
# Seen: the write failed (the source went away); the file has 2 of 4 events
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pyarrow==26.0.1
cd "$dir" && venv/bin/python - <<'EOF'
import pyarrow as pa
import pyarrow.parquet as pq

events = pa.table({"user": ["ann", "bob", "ann", "cid"], "n": [1, 2, 3, 4]})


def batches():
    yield events.slice(0, 2)
    raise ConnectionError("the source went away")


try:
    with pq.ParquetWriter("events.parquet", events.schema) as writer:
        for batch in batches():
            writer.write_table(batch)
except ConnectionError as error:
    failure = error
seen = pq.read_table("events.parquet").num_rows
print(f"the write failed ({failure}); the file has {seen} of {events.num_rows} events")

assert seen == 2, seen
EOF
