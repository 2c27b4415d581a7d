"""One format's reader under atheris: ``python -m tests.fuzz.bytes format corpus [options]``."""

import sys

import atheris

with atheris.instrument_imports(include=["clicksession.readers", "clicksession.schema"]):
    from tests.fuzz.target import check


def main() -> None:
    """Fuzz until libFuzzer's options end it."""
    format = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda content: check(format, content))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
