#!/usr/bin/env bash
# mixpanel 5.4.1 (PyPI): a datetime is sent without its zone and without its fraction.
# 10:00:00.999 in Tokyo and 10:00:00 in UTC, nine hours apart, are the same text.
# One would guess: ISO 8601 with the offset and the fraction, or UTC.
# Seen: 2024-05-01T10:00:00 for both, as a property and as the event's own time.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check mixpanel==5.4.1
"$dir/venv/bin/python" - <<'EOF'
import json
from datetime import UTC, datetime, timedelta, timezone

from mixpanel import Mixpanel


class Kept:
    """A consumer that keeps the messages instead of sending them."""

    def __init__(self) -> None:
        self.messages: list[dict] = []

    def send(self, endpoint, message, *rest) -> None:
        self.messages.append(json.loads(message)["properties"])


kept = Kept()
mixpanel = Mixpanel("token", consumer=kept)
tokyo = timezone(timedelta(hours=9))
for moment in (
    datetime(2024, 5, 1, 10, 0, 0, 999_000, tzinfo=tokyo),
    datetime(2024, 5, 1, 10, 0, 0, tzinfo=UTC),
):
    mixpanel.track("ann", "Viewed", {"time": moment, "seen_at": moment})
    print(moment.isoformat(), "->", kept.messages[-1]["time"], kept.messages[-1]["seen_at"])

seen = {message[name] for message in kept.messages for name in ("time", "seen_at")}
assert seen == {"2024-05-01T10:00:00"}, seen
EOF
