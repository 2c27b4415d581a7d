#!/usr/bin/env bash
# sqlglot 30.30.0 (PyPI): a timeout of 30 minutes becomes one of 30 days on its way to MySQL.
# DATEDIFF with a unit, as Snowflake, SQL Server, Redshift and Databricks write it, loses the unit: MySQL's
# DATEDIFF takes two values and counts days. TIMESTAMPDIFF, which has units there, comes out for BigQuery's alone.
# For PostgreSQL, SQL Server's count of the minutes that begin in between becomes a rounded quotient.
# One would guess: TIMESTAMPDIFF(MINUTE, previous, at), or an error about a unit that cannot be said.
# Seen: snowflake, tsql, redshift and databricks to mysql: "... DATEDIFF(...) > 30" without MINUTE; no warning
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check sqlglot==30.30.0
cd "$dir" && venv/bin/python - <<'EOF'
import sqlglot
from sqlglot import ErrorLevel

query = "SELECT DATEDIFF(minute, previous, at) > 30 AS opens_session FROM events"
for source in ("snowflake", "tsql", "redshift", "databricks"):
    # The strictest level: what cannot be translated would be an error.
    (text,) = sqlglot.transpile(query, read=source, write="mysql", unsupported_level=ErrorLevel.RAISE)
    print(f"{source} to mysql: {text}")
    assert "DATEDIFF(" in text and "MINUTE" not in text.upper(), text

bigquery = query.replace("DATEDIFF(minute, previous, at)", "TIMESTAMP_DIFF(at, previous, MINUTE)")
(text,) = sqlglot.transpile(bigquery, read="bigquery", write="mysql")
print(f"bigquery to mysql: {text}")
assert "TIMESTAMPDIFF(MINUTE, previous, at)" in text, text

(text,) = sqlglot.transpile(query, read="tsql", write="postgres")
print(f"tsql to postgres: {text}")
assert "EXTRACT(epoch" in text and "DATE_TRUNC" not in text, text
EOF
