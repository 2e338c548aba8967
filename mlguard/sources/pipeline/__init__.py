"""A pipeline file, interpreted: what its boto3 calls would make, without making any."""
