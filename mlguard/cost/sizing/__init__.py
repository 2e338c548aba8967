"""What would be enough, and what would be cheaper: each answer with its reasoning."""
