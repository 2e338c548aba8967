"""AWS's answers, read: one function a kind, from a mapping as boto3 returns it to a resource.

A missing or malformed member raises KeyError, TypeError or ValueError: whoever called turns it
into a Gap. Live collectors and pipeline files share these readers, so both see one truth.
"""
