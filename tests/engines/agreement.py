"""Every engine against the plain loop: ``python -m tests.engines.agreement polars spark …``.

Each engine gets random logs as frames of its own, cut by random rules, until it has had so many
events. Its rows are compared with those of `clicksession.testing.reference`, one by one.
"""
