"""The words of IAM: ARNs, patterns, documents, principals, requests, actions."""
