#!/usr/bin/env bash
# segment-analytics-python 2.4.0 (PyPI): a naive timestamp is guessed to be UTC or local, by its age.
# What is less than 5 seconds old, or in the future, counts as local time; anything older as UTC.
# So the UTC time without a zone is right east of Greenwich and hours in the future west of it, and
# a local time is right at once and wrong once it has waited in a queue.
# One would guess: always UTC, or always local, or an error.
# Seen (hours between the stored and the true moment):
#   America/Bogota, UTC now +5.0    America/Bogota, local 10 s ago -5.0
#   Asia/Tokyo, UTC now +0.0        Asia/Tokyo, local 10 s ago +9.0
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check segment-analytics-python==2.4.0
"$dir/venv/bin/python" - <<'EOF'
import os
import time
from datetime import UTC, datetime, timedelta

from segment.analytics import Client

client = Client("key", send=False)


def error(moment: datetime, age: timedelta) -> float:
    """Hours that the stored time is after the moment that was meant."""
    _, message = client.track("ann", "Viewed", timestamp=moment)
    stored = datetime.fromisoformat(message["timestamp"])
    return round((stored - (datetime.now(UTC) - age)).total_seconds() / 3600, 2) + 0.0


seen = {}
for zone in ("America/Bogota", "Asia/Tokyo"):  # neither changes its clocks
    os.environ["TZ"] = zone
    time.tzset()
    late = timedelta(seconds=10)
    seen[zone] = (
        error(datetime.now(UTC).replace(tzinfo=None), timedelta(0)),
        error(datetime.now(), timedelta(0)),
        error(datetime.now() - late, late),
    )
    print(f"{zone}: UTC now {seen[zone][0]:+}, local now {seen[zone][1]:+}, local 10 s ago {seen[zone][2]:+}")

assert seen == {"America/Bogota": (5.0, 0.0, -5.0), "Asia/Tokyo": (0.0, 0.0, 9.0)}, seen
EOF
