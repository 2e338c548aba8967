"""Whether one request is allowed, as AWS evaluates it."""
