"""How the tables of a target look, what they remember, and how they grow."""
