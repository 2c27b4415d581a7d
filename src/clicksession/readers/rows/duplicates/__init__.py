"""Which rows are one event: by the key that the user chose, over a whole reading."""
