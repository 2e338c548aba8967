"""The checks: a file a topic; a check stands in the file of the resource that its cure changes."""
