#!/usr/bin/env bash
# PySpark 4.3.0 (PyPI, with Java 17 or later): window() of a day or a week does not follow the session's zone.
# The windows count from 1970 in UTC: in Berlin a day runs from 02:00 to 02:00 in summer, and a week
# from Thursday, while date_trunc and cast(.. as date) of the same session know Berlin and Monday.
# One would guess: the days and weeks of date_trunc.
# Seen: 2024-05-01 00:30 in Berlin: day 2024-04-30 02:00, week from 2024-04-25 (a Thursday)
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pyspark==4.3.0
cd "$dir" && venv/bin/python - 2>spark.log <<'EOF' || { cat spark.log; exit 1; }
from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.log.level", "OFF")
    .config("spark.sql.session.timeZone", "Europe/Berlin")
    .getOrCreate()
)
event = "values (timestamp'2024-05-01 00:30:00') as event(at)"
seen = {}
for length, part in (("1 day", "day"), ("1 week", "week")):
    (window,) = spark.sql(f"SELECT cast(window(at, '{length}').start as string) FROM {event}").first()
    (trunc,) = spark.sql(f"SELECT cast(date_trunc('{part}', at) as string) FROM {event}").first()
    seen[length] = (window, trunc)
    print(f"{length}: window {window}, date_trunc {trunc}")
spark.stop()
assert seen == {
    "1 day": ("2024-04-30 02:00:00", "2024-05-01 00:00:00"),
    "1 week": ("2024-04-25 02:00:00", "2024-04-29 00:00:00"),
}, seen
EOF
