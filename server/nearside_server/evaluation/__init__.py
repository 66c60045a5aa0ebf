"""What `nearside eval` measures: one module per suite, over `metrics` and `data`."""
