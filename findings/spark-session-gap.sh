#!/usr/bin/env bash
# PySpark 4.3.0 (PyPI, with Java 17 or later): session_window() gives no rows for a gap of "30 min".
# "30m", "PT30M" and "1800" give none either, "30 minutes" does. A gap that Spark cannot read is null,
# and rows with such a gap are filtered out, in ANSI mode too. window() refuses the same text.
# One would guess: half an hour, or window()'s error.
# Seen: sessions of a log of three events: 30 minutes 2, 30 min 0, 30m 0, PT30M 0, 1800 0
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pyspark==4.3.0
cd "$dir" && venv/bin/python - 2>spark.log <<'EOF' || { cat spark.log; exit 1; }
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession
from pyspark.sql.functions import session_window, window

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.log.level", "OFF")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.ansi.enabled", "true")
    .getOrCreate()
)
log = spark.sql(
    "SELECT 'ann' AS user, cast(at AS timestamp) AS at FROM values "
    "('2024-05-01 08:00:00'), ('2024-05-01 08:20:00'), ('2024-05-01 09:30:00') AS log(at)"
)
seen = {
    gap: len(log.groupBy("user", session_window("at", gap)).count().collect())
    for gap in ("30 minutes", "30 min", "30m", "PT30M", "1800")
}
print("sessions of a log of three events:", ", ".join(f"{gap} {n}" for gap, n in seen.items()))
try:
    log.select(window("at", "30 min")).collect()
    refused = ""
except AnalysisException as error:
    refused = str(error.getCondition())
print("window() with 30 min:", refused)
spark.stop()
assert seen == {"30 minutes": 2, "30 min": 0, "30m": 0, "PT30M": 0, "1800": 0}, seen
assert refused == "CANNOT_PARSE_INTERVAL", refused
EOF
