#!/usr/bin/env bash
# The tests of the core with the lowest versions that pyproject.toml takes. Needs uv.
#
#     bash tests/lowest_bounds.sh
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

uv venv --quiet --python python3.11 "$work/env"
# Wheels alone: what was never built for a Python is no bound of this library.
uv pip compile --quiet --python "$work/env/bin/python" --resolution lowest-direct --no-build \
    pyproject.toml --extra postgresql --extra mariadb --extra polars -o "$work/lowest.txt"
uv pip install --quiet --python "$work/env/bin/python" \
    -r "$work/lowest.txt" pytest pytest-xdist hypothesis
uv pip install --quiet --python "$work/env/bin/python" --no-deps -e .
"$work/env/bin/python" -m pytest -q tests/test_sessionize.py tests/test_summarize.py \
    tests/test_front_door.py tests/test_errors.py tests/pipeline/test_run.py tests/loading \
    tests/readers/formats/csv/test_csv.py tests/readers/formats/json/test_json.py tests/readers/formats/test_binary.py \
    tests/metrics/test_orders.py tests/cli
