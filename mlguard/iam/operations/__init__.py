"""From API calls to the actions and resources that AWS authorizes."""
