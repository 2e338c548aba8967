"""Where snapshots come from: the only rooms that touch the world."""
