"""Tasks with a hub model made for them: what goes in, what comes out."""
