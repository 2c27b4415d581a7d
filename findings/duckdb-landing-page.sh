#!/usr/bin/env bash
# duckdb 2.0.1 (PyPI): arg_min(page, seen_at) is not the page of the first event if that page is null.
# Rows whose first argument is null are skipped: the landing page is that of a later event, and
# another column of the same query, such as the referrer, is from another row. Spark's min_by and
# DuckDB's first(.. ORDER BY ..) give the null.
# One would guess: the value of the row with the least time, also where it is null.
# Seen: of the rows (null, mail), (/cart, null): arg_min ('/cart', 'mail'), first (None, 'mail')
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check duckdb==2.0.1
cd "$dir" && venv/bin/python - <<'EOF'
import duckdb

seen = duckdb.execute("""
    SELECT
        (arg_min(page, seen_at), arg_min(referrer, seen_at)),
        (arg_max(page, seen_at), arg_max(referrer, seen_at)),
        (first(page ORDER BY seen_at), first(referrer ORDER BY seen_at))
    FROM (VALUES (NULL, 'mail', 1), ('/cart', NULL, 2)) AS events(page, referrer, seen_at)
""").fetchone()
print("arg_min:", seen[0])
print("arg_max:", seen[1])
print("first:  ", seen[2])
assert seen == (("/cart", "mail"), ("/cart", "mail"), (None, "mail")), seen
EOF
