#!/usr/bin/env bash
# apache-log-parser 1.7.0 (PyPI): UTC times are wrong for offsets that are no whole hours.
# -0530 is taken for 5.05 hours, so the UTC time of a line from India is 27 minutes off; a session
# of two servers' lines comes apart. Whole hours are right.
# One would guess: 10:00 -0530 is 15:30 UTC.
# Seen: 10:00 +0530 -> 04:57 (04:30 is right); 10:00 -0330 -> 13:03 (13:30 is right)
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check apache-log-parser==1.7.0
"$dir/venv/bin/python" - <<'EOF'
from datetime import datetime, timezone

import apache_log_parser

parse = apache_log_parser.make_parser('%h %l %u %t "%r" %>s %b')
seen = {}
for offset in ("+0200", "+0530", "-0330"):
    line = f'192.0.2.1 - - [01/May/2024:10:00:00 {offset}] "GET / HTTP/1.1" 200 10'
    right = datetime.strptime(f"2024-05-01T10:00:00{offset}", "%Y-%m-%dT%H:%M:%S%z")
    seen[offset] = f"{parse(line)['time_received_utc_datetimeobj']:%H:%M}"
    print(f"10:00 {offset} -> {seen[offset]}, right is {right.astimezone(timezone.utc):%H:%M}")

assert seen == {"+0200": "08:00", "+0530": "04:57", "-0330": "13:03"}, seen
EOF
