#!/usr/bin/env bash
# PySpark 4.3.0 (PyPI, with Java 17 or later): of two JSON objects in one line, the second is lost.
# Writers that glue objects without a newline make such lines. Spark's JSON
# reader takes the first object and drops the rest, also in the mode FAILFAST.
# One would guess: both, or a corrupt record; in FAILFAST an error.
# Seen: 3 objects in 2 lines: users ['ann', 'cem'], in PERMISSIVE and in FAILFAST
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pyspark==4.3.0
cd "$dir" && venv/bin/python - 2>spark.log <<'EOF' || { cat spark.log; exit 1; }
from pathlib import Path

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.log.level", "OFF")
    .config("spark.sql.session.timeZone", "Europe/Berlin")
    .getOrCreate()
)
Path("events.ndjson").write_text('{"user": "ann"}{"user": "bob"}\n{"user": "cem"}\n')
seen = {}
for mode in ("PERMISSIVE", "FAILFAST"):
    events = spark.read.option("mode", mode).json("events.ndjson")
    seen[mode] = [row.user for row in events.collect()]
    print(mode, events.columns, seen[mode])
spark.stop()
assert seen == {"PERMISSIVE": ["ann", "cem"], "FAILFAST": ["ann", "cem"]}, seen
EOF
