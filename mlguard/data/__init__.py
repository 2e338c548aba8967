"""What mlguard knows without asking: tables with their source and date, opened on first use."""
