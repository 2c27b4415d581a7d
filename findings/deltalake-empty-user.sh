#!/usr/bin/env bash
# deltalake 1.6.6 with pyarrow 26.0.1 and polars 2.1.0 (PyPI): one table, two answers for an empty text.
# In a column that the table is partitioned by, to_pyarrow_table() reads '' as null, polars reads it
# as '', and delete() sees '' too: it removes rows that pyarrow shows as null and leaves the null beside.
# One would guess: all readers of a table agree which rows have no user.
# Seen: pyarrow [ann, None, None], polars [ann, '', None]; after delete("user = ''") [ann, None]
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check \
    deltalake==1.6.6 pyarrow==26.0.1 polars==2.1.0
cd "$dir" && venv/bin/python - <<'EOF'
import os
import sys

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

events = pa.table({"user": ["ann", "", None], "n": [1, 2, 3]})
write_deltalake("events", events, partition_by=["user"])


def by_pyarrow() -> list:
    return DeltaTable("events").to_pyarrow_table().sort_by("n")["user"].to_pylist()


def by_polars() -> list:
    return pl.read_delta("events").sort("n")["user"].to_list()


seen = [by_pyarrow(), by_polars()]
print("pyarrow:", seen[0])
print("polars: ", seen[1])
deleted = DeltaTable("events").delete("user = ''")["num_deleted_rows"]
seen.append(by_pyarrow())
print(f"pyarrow after a delete of {deleted}:", seen[2])

assert seen == [["ann", None, None], ["ann", "", None], ["ann", None]], seen
sys.stdout.flush()
os._exit(0)  # the threads of three libraries need not agree on how to end
EOF
