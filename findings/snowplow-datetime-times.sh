#!/usr/bin/env bash
# snowplow-tracker 1.1.0 (PyPI): a true_timestamp given as a datetime is left out, without a word.
# Only an int or a float gets into the event. An event of last year that is tracked again with its
# datetime therefore has the present as its only time, and all of a backfill is one session.
# One would guess: the datetime is converted, or refused.
# Seen: the keys ttm (true timestamp) with 1714557600000, without it with the datetime
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check snowplow-tracker==1.1.0
"$dir/venv/bin/python" - <<'EOF'
from datetime import UTC, datetime

from snowplow_tracker import Tracker
from snowplow_tracker.events import PageView


class Kept:
    """An emitter that keeps the events instead of sending them."""

    def __init__(self) -> None:
        self.events: list[dict] = []

    def input(self, payload) -> None:
        self.events.append(dict(payload))


kept = Kept()
tracker = Tracker("shop", kept, app_id="web")
for moment in (1714557600000, datetime(2024, 5, 1, 10, tzinfo=UTC)):
    tracker.track(PageView("https://shop.example/", true_timestamp=moment))
    event = kept.events[-1]
    print(f"{moment!r}: ttm {event.get('ttm')}, dtm {event.get('dtm')}")

number, moment = kept.events
assert number["ttm"] == 1714557600000
assert "ttm" not in moment and int(moment["dtm"]) > 1_700_000_000_000, moment
EOF
