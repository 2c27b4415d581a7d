#!/bin/sh
# Every ten minutes, by a line of `crontab -e`:
#   */10 * * * * SHOP_LOG='/var/log/shop/*.json.gz' SHOP_TARGET=duckdb:////srv/shop.duckdb /srv/shop/cron.sh
# A run that is still at work keeps the next one out: that is no failure. cron mails what is printed
# on stderr; what runs did is kept in SHOP_HISTORY.
set -u
cd "$(dirname "$0")" || exit 1
code=0
"${PYTHON:-python3}" load_shop.py "$SHOP_LOG" "$SHOP_TARGET" \
    >>"${SHOP_HISTORY:-shop.history}" 2>shop.errors || code=$?
[ "$code" -eq 75 ] && exit 0
cat shop.errors >&2
exit "$code"
