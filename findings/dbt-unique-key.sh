#!/usr/bin/env bash
# dbt-core 1.11.16 with dbt-duckdb 1.11.1 and duckdb 2.0.1 (PyPI): rows whose unique_key is null come in anew at each run.
# An incremental model with unique_key replaces rows by delete and insert, or by merge, where the key
# is equal; null equals nothing. So a run over the same rows adds those without a key once more, and
# two new rows of one key come in both. Every run is a success.
# One would guess: the same rows twice leave the table as it was, or an error.
# Seen: of keys 1 and null, run three times, 1, 2 and 3 rows without a key; by both strategies
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.1
mkdir "$dir/models"
cd "$dir"
cat > dbt_project.yml <<'EOF'
name: shop
profile: shop
flags: {send_anonymous_usage_stats: false}
EOF
cat > profiles.yml <<'EOF'
shop: {target: here, outputs: {here: {type: duckdb, path: shop.duckdb}}}
EOF
for strategy in delete+insert merge; do
    cat > "models/by_${strategy%%+*}.sql" <<EOF
{{ config(materialized='incremental', unique_key='event_id', incremental_strategy='$strategy') }}
select 1 as event_id, 'home' as page
union all select null, 'cart'
{% if is_incremental() %} union all select 2, 'pay' union all select 2, 'pay' {% endif %}
EOF
done
export DO_NOT_TRACK=1
for run in 1 2 3; do
    venv/bin/dbt --quiet run
done
venv/bin/python - <<'EOF'
import duckdb

count = "SELECT count(*) FILTER (event_id = 1), count(*) FILTER (event_id IS NULL) FROM {}"
with duckdb.connect("shop.duckdb") as connection:
    seen = {t: connection.execute(count.format(t)).fetchone() for t in ("by_delete", "by_merge")}
    twice = connection.execute("SELECT count(*) FROM by_delete WHERE event_id = 2").fetchone()
print("rows of key 1, and without a key:", seen, "rows of key 2:", twice)
assert seen == {"by_delete": (1, 3), "by_merge": (1, 3)}, seen
assert twice == (2,), twice
EOF
