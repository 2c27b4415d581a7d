"""Where the bytes come from: files and stores, and what goes wrong on the way."""
