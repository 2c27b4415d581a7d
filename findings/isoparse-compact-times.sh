#!/usr/bin/env bash
# python-dateutil 2.9.0.post0 (PyPI): isoparse reads 20240501123456 as 23:45:06.
# Between date and time it takes any one character as the separator, a digit too: the 1 of 12 is
# eaten, and the rest is read as a time. The compact times of log and file names (yyyymmddHHMMSS) come
# out at another hour, or, at full hours, as midnight. parser.parse reads the same text right.
# One would guess: 12:34:56, or an error, as of datetime.fromisoformat, pendulum and ciso8601.
# Seen: 20240501123456 -> 23:45:06; 202405011000 -> 00:00:00; parser.parse 12:34:56 and 10:00:00
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check python-dateutil==2.9.0.post0
"$dir/venv/bin/python" - <<'EOF'
from dateutil import parser

seen = {}
for text in ("20240501123456", "202405011000", "20240501T123456"):
    seen[text] = (f"{parser.isoparse(text):%H:%M:%S}", f"{parser.parse(text):%H:%M:%S}")
    print("{}: isoparse {}, parse {}".format(text, *seen[text]))

assert seen == {
    "20240501123456": ("23:45:06", "12:34:56"),
    "202405011000": ("00:00:00", "10:00:00"),
    "20240501T123456": ("12:34:56", "12:34:56"),
}, seen
EOF
