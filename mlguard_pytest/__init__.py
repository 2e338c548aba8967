"""The pytest plugin: `pytest --mlguard` audits an account, one test for each check and resource.

Installed, it changes nothing until `--mlguard` or the ini file asks; loaded, it imports pytest and
the standard library alone. What it judges, it leaves to `mlguard`.
"""
