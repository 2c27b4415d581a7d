"""From bytes to batches of rows: a module or a folder for each format, and how a format is told.

A new format is one module with a `clicksession.readers.base.Reader`, and a line in `READERS`.
"""
