"""Who can become more than it is, and how."""
