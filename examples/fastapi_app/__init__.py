"""An example app that serves metrics."""
