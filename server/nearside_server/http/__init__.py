"""What the server says over HTTP: static files, models, headers, errors."""
