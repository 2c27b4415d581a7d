#!/usr/bin/env bash
# fastparquet 2026.9.0 (PyPI), also as engine of pandas 3.1.1: rows without a partition value are dropped.
# Writing with partition_on= leaves out every row whose value is null: no file, no warning.
# One would guess: they are written to __HIVE_DEFAULT_PARTITION__, as Spark, DuckDB and pyarrow do.
# Seen: 3 rows written, 2 in the files; folders country=DE, country=NL
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check \
    fastparquet==2026.9.0 pandas==3.1.1 duckdb==2.0.1
cd "$dir" && venv/bin/python - <<'EOF'
from pathlib import Path

import duckdb
import pandas as pd

events = pd.DataFrame({"user": ["ann", "bob", "cem"], "country": ["DE", None, "NL"]})
events.to_parquet("events", engine="fastparquet", partition_cols=["country"])

folders = sorted(path.name for path in Path("events").iterdir() if path.is_dir())
rows = duckdb.sql("SELECT user FROM 'events/*/*.parquet' ORDER BY user").fetchall()
print(f"{len(events)} rows written to {folders}")
print(f"{len(rows)} rows in the files: {rows}")
assert folders == ["country=DE", "country=NL"], folders
assert rows == [("ann",), ("cem",)], rows
EOF
