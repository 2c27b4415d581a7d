"""CSV and TSV: whole records, cut where a plain state machine would cut them, in flat memory."""
