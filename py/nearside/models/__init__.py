"""Which models there are, and the ones that are open."""
