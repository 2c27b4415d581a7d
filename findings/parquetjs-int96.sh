#!/usr/bin/env bash
# @dsnp/parquetjs 1.8.8 (npm): of an INT96 time, as Spark writes it by default, only the time of day is read.
# The value is a number that a JavaScript program takes for a time since 1970: all events fall on
# one day, and the sessions of many days are one. uint32 columns above 2**31 come out negative.
# One would guess: the instant, as a Date or a bigint, or an error that says INT96.
# Seen: 2024-05-01 and 2024-05-02, both at 10:00:00, are both 36000000000000; 4000000000 is -294967296
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pyarrow==26.0.1
(cd "$dir" && npm install --silent --no-audit --no-fund --ignore-scripts @dsnp/parquetjs@1.8.8)
cd "$dir" && venv/bin/python - <<'EOF'
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

days = [datetime(2024, 5, day, 10) for day in (1, 2)]
events = pa.table({"at": days, "user": pa.array([4_000_000_000, 7], pa.uint32())})
pq.write_table(
    events, "events.parquet", use_deprecated_int96_timestamps=True, compression="none"
)
print("written:", events.to_pylist())
EOF
cat > look.mjs <<'EOF'
import assert from "node:assert";
import parquet from "@dsnp/parquetjs";

const reader = await parquet.ParquetReader.openFile("events.parquet");
const cursor = reader.getCursor();
const rows = [await cursor.next(), await cursor.next()];
await reader.close();
console.log("read:   ", rows);
assert.deepStrictEqual(
  rows.map(({ at, user }) => [Number(at), user]),
  [[36000000000000, -294967296], [36000000000000, 7]],
);
EOF
node look.mjs
