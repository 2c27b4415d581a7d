"""Load what is new of a log, for cron or any scheduler: ``python load_shop.py SOURCE TARGET``.

It prints what it did. What goes wrong is one line on stderr, with an exit code of 1, or of 75
(try again later) where somebody else is at work on the target.
"""

import sys

import clicksession as cs


def main(source: str, target: str) -> int:
    """Load the events of a source into a target, and return the exit code."""
    try:
        print(cs.run(source, target, schema=cs.EventSchema.preset("webshop"), on_busy="fail"))
    except cs.errors.TargetBusyError as error:
        print(error, file=sys.stderr)
        return 75
    except cs.errors.ClicksessionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
