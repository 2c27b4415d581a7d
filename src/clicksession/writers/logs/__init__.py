"""A whole log that waits until it can be loaded: in memory while there is room, then on disk."""
