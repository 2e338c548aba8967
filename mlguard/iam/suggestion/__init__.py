"""The least policy for what is needed."""
