"""Text that is written token by token: the decode loop, sampling, templates, constraints."""
