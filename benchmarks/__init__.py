"""How fast the library is beside what one would use instead of it.

Each module is a command (``python -m benchmarks.sessionize``) that compares
methods in one run, on the same data, in turn, and prints one small table.
Seconds differ from machine to machine and from hour to hour; the ratios within
a table are what to look at. The other methods come with
``pip install "clicksession[bench]"``.
"""
