"""Finding texts: words, BM25, passages, and joining rankings."""
