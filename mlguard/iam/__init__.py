"""IAM semantics, pure: what a policy says, and whom it lets do what."""
