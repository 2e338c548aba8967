"""Reporters: each draws a Report as text, `render(report) -> str`, and decides nothing."""
