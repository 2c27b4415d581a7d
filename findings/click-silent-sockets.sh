#!/usr/bin/env bash
# click 8.5.1 (PyPI): a command whose connection breaks ends without a word.
# click takes each broken pipe for that of standard output, also one of a socket: a load of events
# whose database or store hangs up exits with 1, and prints nothing. An EOFError, such as that of a
# log whose gzip is cut short, it takes for Ctrl-D: "Aborted!".
# One would guess: the traceback of an error that nobody caught.
# Seen: 1, and nothing; 1, and "Aborted!"
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check click==8.5.1
cat > "$dir/load.py" <<'EOF'
import gzip, socket
import click

@click.group()
def load(): ...

@load.command()
def over_a_socket():
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.sendall(b"INSERT ...")

@load.command()
def from_a_log():
    with open("log.gz", "wb") as file:
        file.write(gzip.compress(b"user,time\n" * 1000)[:-8])
    gzip.open("log.gz").read()

load()
EOF
cd "$dir"
for command in over-a-socket from-a-log; do
    code=0
    said=$("$dir/venv/bin/python" load.py "$command" 2>&1) || code=$?
    echo "$command: exit code $code, said: '$said'"
    test "$code" = 1
    case "$command" in
        over-a-socket) test -z "$said" ;;
        from-a-log) test "$(tail -n 1 <<< "$said")" = "Aborted!" ;;
    esac
done
