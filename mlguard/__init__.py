"""Audits ML pipelines on AWS: who can do what, will it scale and answer, what does it cost."""

__version__ = "0.1.0"
