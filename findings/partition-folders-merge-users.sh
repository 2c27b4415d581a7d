#!/usr/bin/env bash
# polars 2.1.0 and pyarrow 26.0.1 (PyPI): partition folders of different names become one value.
# polars reads user=007 and user=7 as the integer 7, and user=1e5 and user=100000 as one float.
# pyarrow's "hive" does the first, and not the second; DuckDB 2.0.1 does neither.
# One would guess: what is a text in the path is a text, or a number only where it reads back the same.
# Seen: 007 and 7: [7, 7] in both; 1e5 and 100000: [100000.0, 100000.0] in polars
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check \
    polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.1
cd "$dir" && venv/bin/python - <<'EOF'
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

seen = {}
for users in (("007", "7"), ("1e5", "100000")):
    root = Path("_".join(users))
    for number, user in enumerate(users):
        folder = root / f"user={user}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"n": [number]}), folder / "part.parquet")
    query = f"SELECT user FROM read_parquet('{root}/*/*.parquet', hive_partitioning = true) ORDER BY n"
    seen[users] = (
        pl.read_parquet(root, hive_partitioning=True).sort("n")["user"].to_list(),
        ds.dataset(root, partitioning="hive").to_table().sort_by("n")["user"].to_pylist(),
        [user for (user,) in duckdb.sql(query).fetchall()],
    )
    print(users, "-> polars {}, pyarrow {}, DuckDB {}".format(*seen[users]))

assert seen["007", "7"] == ([7, 7], [7, 7], ["007", "7"])
assert seen["1e5", "100000"] == ([1e5, 1e5], ["1e5", "100000"], ["1e5", "100000"])
EOF
