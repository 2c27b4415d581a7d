"""The command line: a thin layer over the public functions, with one module for each command.

`main` runs it and says with which code it ends; `app` names the commands; `options` holds what
several of them take, `targets` what a target may be called, `metrics` the options of each metric,
`output` what goes to which stream.
"""

from clicksession.cli.main import main

__all__ = ["main"]
