"""The operations that a pipeline file may hold, a file a field of AWS's services."""
