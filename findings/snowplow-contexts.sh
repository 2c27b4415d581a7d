#!/usr/bin/env bash
# snowplow-analytics-sdk 0.2.3 (PyPI): contexts that a tracker sent are lost where an enrichment adds one
# of the same schema. Both columns of an enriched event, contexts and derived_contexts, go into one field,
# and the second replaces the first.
# One would guess: a list of both, as of two in one column.
# Seen: of ['tracker'] and ['enrichment'] only [{'source': 'enrichment'}]; of two in one column both
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check snowplow-analytics-sdk==0.2.3
"$dir/venv/bin/python" - <<'EOF'
import json

from snowplow_analytics_sdk import event_transformer

names = [name for name, _ in event_transformer.ENRICHED_EVENT_FIELD_TYPES]


def contexts(*sources: str) -> str:
    data = [
        {"schema": "iglu:com.acme/visit/jsonschema/1-0-0", "data": {"source": source}}
        for source in sources
    ]
    schema = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0"
    return json.dumps({"schema": schema, "data": data})


def read(**values: str) -> list[dict[str, str]]:
    event = {"app_id": "shop", "event": "page_view", **values}
    line = "\t".join(event.get(name, "") for name in names)
    return event_transformer.transform(line)["contexts_com_acme_visit_1"]


apart = read(contexts=contexts("tracker"), derived_contexts=contexts("enrichment"))
together = read(contexts=contexts("tracker", "enrichment"))
print("in two columns:", apart)
print("in one column:", together)
assert apart == [{"source": "enrichment"}], apart
assert together == [{"source": "tracker"}, {"source": "enrichment"}], together
EOF
