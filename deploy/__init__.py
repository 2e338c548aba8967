"""The pipeline as it is deployed: planned as data, applied, looked at, taken away again."""
