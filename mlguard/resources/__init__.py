"""AWS things as frozen data: one struct a kind, fields named as AWS names them, in snake case."""
