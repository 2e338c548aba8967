"""The tree of errors: what mlguard raises, and nothing else.

MlguardError
├── ConfigError      a configuration that cannot be used: names file, key and cure
├── SourceError      a source that could not be read at all
│   └── FileError    a file that is not what it should be: names file, JSON path and cure
├── ArnError         a text that is no ARN
├── DocumentError    a policy document that AWS would reject: names the JSON path
└── OutputError      a report that could not be written
"""


class MlguardError(Exception):
    """The root: catch this to catch whatever mlguard raises on purpose."""


class ConfigError(MlguardError):
    """A configuration that cannot be used."""


class SourceError(MlguardError):
    """A source that could not be read at all, so that there is nothing to audit."""


class FileError(SourceError):
    """A file that is missing, cut, of another version, or not what it should be."""


class ArnError(MlguardError, ValueError):
    """A text that is no ARN."""


class DocumentError(MlguardError, ValueError):
    """A policy document that AWS would reject; `path` is the JSON path of the fault."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class OutputError(MlguardError):
    """A report that could not be written."""
