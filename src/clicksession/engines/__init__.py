"""How sessions are cut: arrays for frames in memory; `frames` has what each library can do."""
