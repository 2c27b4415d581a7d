"""What a user gives as `source`, as a list of feeds: each gives batches of rows."""
