"""The form of a line of an access log, as a web server's configuration says it."""
