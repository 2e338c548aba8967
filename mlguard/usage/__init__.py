"""What code calls, held against the role that it is to run under.

Pure: a recorder hands over calls as data. `calls` turns one into what IAM asks for, `handed` tells
what the roles that it passes on then need, `judging` holds all of it against a role.
"""
