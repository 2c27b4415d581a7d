#!/usr/bin/env bash
# dayjs 1.11.23 (npm): half a second after ten is 5 milliseconds after ten.
# The digits behind the point are a count of milliseconds, not a fraction: .5 is .005 and .25 is
# .025. So "10:00:00.5" sorts before "10:00:00.123". With a Z at the end the platform's own Date reads
# the text, and is right. A text of digits, "1714557600", is the year 1714, month 55.
# One would guess: .5 is 500 ms, as in Date, Luxon and date-fns; digits are an instant or invalid.
# Seen: 10:00:00.5 -> 10:00:00.005; 10:00:00.5Z -> 10:00:00.500; 1714557600 -> 1718-09-14
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts dayjs@1.11.23
cat > look.cjs <<'EOF'
const assert = require("node:assert");
const dayjs = require("dayjs");
dayjs.extend(require("dayjs/plugin/utc"));

const read = (text) => {
  const answer = dayjs.utc(text).toISOString();
  console.log(text, "->", answer);
  return answer;
};

assert.strictEqual(read("2024-05-01T10:00:00.123"), "2024-05-01T10:00:00.123Z");
assert.strictEqual(read("2024-05-01T10:00:00.5"), "2024-05-01T10:00:00.005Z");
assert.strictEqual(read("2024-05-01T10:00:00.25"), "2024-05-01T10:00:00.025Z");
assert.strictEqual(read("2024-05-01T10:00:00.5Z"), "2024-05-01T10:00:00.500Z");
assert.strictEqual(read("1714557600"), "1718-09-14T00:00:00.000Z");
EOF
TZ=UTC node look.cjs
