"""What happens to a row, whatever format it comes from: its names, times, types and users."""
