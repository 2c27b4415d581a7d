#!/usr/bin/env bash
# polars 2.1.0 (PyPI): a field that no one of the first 100 lines of NDJSON has is dropped.
# read_ndjson and scan_ndjson infer the columns from 100 lines; what comes later under another name
# is not in the frame, and nothing says so. A log that starts with page views has no orders.
# (A later value of another *type* is an error.)
# One would guess: a column with nulls, or an error as for the types.
# Seen: 101 lines, the last with an order: columns ['user']
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check polars==2.1.0
cd "$dir" && venv/bin/python - <<'EOF'
from pathlib import Path

import polars as pl

view, order = '{"user": "ann"}\n', '{"user": "ann", "order": 89.5}\n'
seen = {}
for views in (99, 100):
    Path("events.ndjson").write_text(view * views + order)
    seen[views] = (pl.read_ndjson("events.ndjson").columns, pl.scan_ndjson("events.ndjson").collect().columns)
    print(f"{views} views, then an order:", *seen[views])

assert seen == {99: (["user", "order"],) * 2, 100: (["user"],) * 2}, seen
EOF
