"""Which side answers, by which rule, and how that is told and kept. Pure functions over facts."""
