#!/usr/bin/env bash
# Paste 3.10.1 (PyPI): the offset in TransLogger's access log is wrong in winter and in half-hour zones.
# It writes the summer offset all year wherever there is a summer time, and minutes as hundredths of
# an hour: +0530 is written +0550, and Nepal's +0545 is +0575.
# One would guess: the offset of the clock time that stands before it, as Apache writes it.
# Seen: Asia/Kolkata +0550 for +0530; in winter Europe/Berlin +0200 for +0100
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check Paste==3.10.1
"$dir/venv/bin/python" - <<'EOF'
import logging
import os
import re
import time
from wsgiref.util import setup_testing_defaults

from paste.translogger import TransLogger

lines: list[str] = []
handler = logging.Handler()
handler.emit = lambda record: lines.append(record.getMessage())
logger = logging.Logger("access")
logger.addHandler(handler)


def answer(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def offsets(zone: str) -> tuple[str, str]:
    """The true offset of a zone now, and the one in the log."""
    os.environ["TZ"] = zone
    time.tzset()
    environ = {"REMOTE_ADDR": "192.0.2.1"}
    setup_testing_defaults(environ)
    list(TransLogger(answer, logger=logger)(environ, lambda *args: None))
    return time.strftime("%z"), re.search(r"([+-]\d{4})\]", lines[-1])[1]


zones = ("Asia/Kolkata", "Asia/Kathmandu", "Europe/Berlin", "Australia/Sydney")
seen = {zone: offsets(zone) for zone in zones}
for zone, (true, logged) in seen.items():
    print(f"{zone}: {true}, logged as {logged}")

assert seen["Asia/Kolkata"] == ("+0530", "+0550")
assert seen["Asia/Kathmandu"] == ("+0545", "+0575")
assert seen["Europe/Berlin"][1] == "+0200"  # summer time, at any time of the year
assert seen["Australia/Sydney"][1] == "+1100"
EOF
