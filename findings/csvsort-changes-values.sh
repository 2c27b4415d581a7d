#!/usr/bin/env bash
# csvkit 2.2.0 (PyPI): csvsort changes the values that it sorts.
# It reads with types and writes what it made of them: 007 becomes 7, the country
# NO becomes False, 05/04/2024 becomes 2024-05-04 (month first), the price 2,5 becomes 25 (the comma
# is dropped), and 1:30 becomes 0:01:30. --no-inference keeps them.
# One would guess: sorted lines, each as it was.
# Seen: 7,False,2024-05-04,25,0:01:30
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check csvkit==2.2.0
printf '%s\n' 'user,country,day,price,spent' '007,NO,05/04/2024,"2,5",1:30' > "$dir/events.csv"
sorted=$("$dir/venv/bin/csvsort" -c user "$dir/events.csv")
kept=$("$dir/venv/bin/csvsort" --no-inference -c user "$dir/events.csv")
echo "csvsort:"
echo "$sorted"
echo "csvsort --no-inference:"
echo "$kept"
test "$(tail -n 1 <<< "$sorted")" = "7,False,2024-05-04,25,0:01:30"
test "$kept" = "$(cat "$dir/events.csv")"
