"""How sessions are cut, by the kind of frame: arrays for frames in memory."""
