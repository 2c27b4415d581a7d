"""How rows get into and out of each database, by the fastest way that it has."""
