"""An example app that serves the order metrics."""
