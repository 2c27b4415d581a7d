#!/usr/bin/env bash
# PySpark 4.3.0 (PyPI, with Java 17 or later): of a folder of CSV files, one header counts for all.
# Another file whose header has the same names in another order is read by position: its times are
# users and its users are times. The header is skipped; a line of the log may say so, no error does.
# One would guess: columns are matched by name, as DuckDB's union_by_name and Parquet do, or an error.
# Seen: user,time and time,user: [('ann', '10:00:00'), ('11:00:00', 'bob')]
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
Path("events").mkdir()
Path("events/2024-05-01.csv").write_text("user,time\nann,10:00:00\n")
Path("events/2024-05-02.csv").write_text("time,user\n11:00:00,bob\n")
seen = [(row.user, row.time) for row in spark.read.csv("events", header=True).collect()]
print("files 'user,time' and 'time,user':", sorted(seen, reverse=True))
spark.stop()
assert sorted(seen) == [("11:00:00", "bob"), ("ann", "10:00:00")], seen
EOF
