#!/usr/bin/env bash
# csv-parse 7.0.3 (npm): with cast_date, "page 12" is a date in December 2001.
# Every cell that Date.parse() of the platform accepts becomes a Date, in any column, and V8 takes
# nearly any word with a number. Page names, offers and product names turn into dates; two pages
# can become one.
# One would guess: cells that look like a date or a time, such as ISO 8601, become dates.
# Seen: "page 12" and "offer-12" -> 2001-12-01; "step 13" stays text
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts csv-parse@7.0.3
cat > look.cjs <<'EOF'
const assert = require("node:assert");
const { parse } = require("csv-parse/sync");

const log = "time,page\n10:00,page 12\n10:01,offer-12\n10:02,step 13\n";
const pages = parse(log, { columns: true, cast: true, cast_date: true }).map(({ page }) => page);
console.log(pages);
const december = new Date("2001-12-01T00:00:00Z");
assert.deepStrictEqual(pages, [december, december, "step 13"]);
EOF
TZ=UTC node look.cjs
