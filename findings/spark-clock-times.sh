#!/usr/bin/env bash
# PySpark 4.3.0 (PyPI, with Java 17 or later): a clock time without a date becomes a time of today.
# "10:00" in a column of CSV is inferred to be a timestamp, and cast('10:00' as timestamp) works too:
# the date is the day on which the job runs. The same file gives other events tomorrow.
# One would guess: text by inferSchema, and an error or null by the cast.
# Seen: timestamp, with the date of today, by both
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
Path("events.csv").write_text("user,opened\nann,10:00\nbob,17:30\n")
events = spark.read.csv("events.csv", header=True, inferSchema=True)
read = events.selectExpr("cast(opened as string) at").first().at
cast, today = spark.sql(
    "SELECT cast(cast('10:00' as timestamp) as string), cast(current_date() as string)"
).first()
print("CSV:", dict(events.dtypes)["opened"], read)
print("cast:", cast)
spark.stop()
assert dict(events.dtypes)["opened"] == "timestamp"
assert read == cast == f"{today} 10:00:00", (read, cast, today)
EOF
