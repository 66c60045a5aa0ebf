"""The way to the far side: providers, the door to them, and what passes through it."""
