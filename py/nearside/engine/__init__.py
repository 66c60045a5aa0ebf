"""The engine: the client that people call and the scheduler that shares the model workers."""
