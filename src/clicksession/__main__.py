"""`python -m clicksession`: the command line."""

import sys

from clicksession.cli import main

if __name__ == "__main__":
    sys.exit(main())
