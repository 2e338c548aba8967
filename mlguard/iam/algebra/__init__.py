"""Sets of requests: what patterns and conditions have in common, and what is left of them."""
