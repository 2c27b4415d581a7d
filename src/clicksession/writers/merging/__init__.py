"""How what comes changes what is there, so that all seems to have come at once."""
