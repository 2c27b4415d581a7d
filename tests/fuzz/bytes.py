"""One format's reader under atheris: ``python -m tests.fuzz.bytes format corpus [options]``."""

import sys
from importlib import import_module
from pkgutil import iter_modules

import atheris

with atheris.instrument_imports(include=["clicksession.readers", "clicksession.schema"]):
    import clicksession.readers
    from tests.fuzz.target import check

    # Readers are loaded when they are asked for. One loaded later would not be instrumented, and
    # the fuzzer would be blind to it.
    for module in iter_modules(clicksession.readers.__path__, "clicksession.readers."):
        import_module(module.name)


def main() -> None:
    """Fuzz until libFuzzer's options end it."""
    format = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda content: check(format, content))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
