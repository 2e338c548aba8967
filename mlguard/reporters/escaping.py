"""What came from outside, made safe to show: names from AWS and from files may hold anything."""


def printable(text: str) -> str:
    r"""Return the text with each character that shows nothing, or acts, as an escape (`\x1b`).

    Escaped are control characters (so escape sequences and newlines), bidirectional overrides,
    zero-width characters, lone surrogates, and every space but the plain one.
    """
    # str.isprintable is false for just these: the Unicode categories Other and Separator, less
    # the plain space. Python library reference, "str.isprintable".
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
