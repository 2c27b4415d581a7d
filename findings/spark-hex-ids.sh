#!/usr/bin/env bash
# PySpark 4.3.0 (PyPI, with Java 17 or later): ids such as 12d and 7f are read as numbers.
# Java's way to write a double literal counts as a number: 12d is 12.0, 7f is 7.0. So hexadecimal ids,
# buckets or the first letters of a hash become doubles by inferSchema of CSV, as partition folders
# even without it, and 12d, 12f and 12 are one. Whether it happens depends on the other ids.
# One would guess: text, as in DuckDB, pandas and Polars.
# Seen: CSV 12d, 7f -> [12.0, 7.0]; folders bucket=12d, bucket=12f -> [12.0, 12.0]
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
Path("events.csv").write_text("user\n12d\n7f\n")
for bucket in ("12d", "12f"):
    folder = Path(f"events/bucket={bucket}")
    folder.mkdir(parents=True)
    (folder / "part.csv").write_text("ann\n")

csv = spark.read.csv("events.csv", header=True, inferSchema=True)
seen = [[row.user for row in csv.collect()], [row.bucket for row in spark.read.csv("events").collect()]]
print("CSV 12d, 7f:", seen[0])
print("folders bucket=12d, bucket=12f:", seen[1])
spark.stop()
assert seen == [[12.0, 7.0], [12.0, 12.0]], seen
EOF
