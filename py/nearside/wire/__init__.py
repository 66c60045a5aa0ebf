"""The shapes in which the engine talks to others: so far the page."""
