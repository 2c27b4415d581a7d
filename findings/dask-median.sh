#!/usr/bin/env bash
# dask 2026.8.0 with pandas 3.1.1 (PyPI): a median of 1,000 values is 56 % too high.
# quantile() of a frame in parts combines the quantiles of the parts; how far it is off depends on
# the number of parts. Nothing in the answer says so. The median of a group is exact.
# One would guess: exact, as in pandas, or near, as an approximate quantile of 1,000 values can be.
# Seen: 3364.0 in seven parts, 2162.5 in one, as in pandas
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check "dask[dataframe]==2026.8.0" pandas==3.1.1
"$dir/venv/bin/python" - <<'EOF'
import dask.dataframe as dd
import pandas as pd

seconds = pd.DataFrame({"seconds": [float(n % 97) ** 2 for n in range(1000)]})
exact = seconds["seconds"].median()
print("pandas:", exact)
seen = {}
for parts in (1, 2, 7):
    seen[parts] = dd.from_pandas(seconds, npartitions=parts)["seconds"].quantile(0.5).compute()
    print(f"dask, {parts} parts:", seen[parts])
whole = dd.from_pandas(seconds.assign(all=1), npartitions=7).groupby("all")["seconds"].median()
print("dask, 7 parts, as a group:", whole.compute().item())

assert exact == whole.compute().item() == 2162.5
assert seen[7] == 3364.0, seen
EOF
