"""What the engine needs from outside, as protocols; `fakes` has one deterministic stand-in for each."""
