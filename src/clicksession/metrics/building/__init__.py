"""What metrics are built of, from the sessions that count to the answer as a frame.

A new metric is one file in the folder above, and a line in its `__init__`.
"""
