"""Live AWS, read-only: a file a service; `source.py` reads an account through them."""
