#!/usr/bin/env bash
# isbot 5.2.3 (npm), crawler-user-agents 1.67.0 and crawlerdetect 0.4.2 (PyPI): Android apps are bots.
# okhttp is the HTTP client of most Android apps, and its default agent is on all three lists. What
# an iPhone app sends (CFNetwork, Alamofire) is on none. So filtering bots removes one platform's
# users from a log of app events and keeps the other's.
# One would guess: both are apps, or both are unknown clients, treated alike.
# Seen: okhttp/4.12.0 True True True; the two iPhone agents False False False
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check \
    crawler-user-agents==1.67.0 crawlerdetect==0.4.2
(cd "$dir" && npm install --silent --no-audit --no-fund --ignore-scripts isbot@5.2.3)
cat > "$dir/agents.json" <<'EOF'
["okhttp/4.12.0",
 "Shop/120 CFNetwork/1494.0.7 Darwin/23.4.0",
 "Shop/5.2 (com.example.shop; build:120; iOS 17.4.0) Alamofire/5.8.1"]
EOF
cat > "$dir/look.cjs" <<'EOF'
const { isbot } = require("isbot");
console.log(JSON.stringify(require("./agents.json").map((agent) => isbot(agent))));
EOF
node "$dir/look.cjs" > "$dir/isbot.json"
cd "$dir" && venv/bin/python - <<'EOF'
import json

import crawleruseragents
from crawlerdetect import CrawlerDetect

with open("agents.json") as agents, open("isbot.json") as answers:
    rows = list(zip(json.load(agents), json.load(answers), strict=True))
seen = [
    (agent, isbot, crawleruseragents.is_crawler(agent), bool(CrawlerDetect().isCrawler(agent)))
    for agent, isbot in rows
]
for row in seen:
    print(*row)
assert [row[1:] for row in seen] == [(True,) * 3, (False,) * 3, (False,) * 3], seen
EOF
