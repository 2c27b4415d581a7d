"""Folders that are tables: what says which of their files, and which rows of these, count."""
