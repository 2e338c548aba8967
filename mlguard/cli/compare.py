"""`mlguard compare`: does NEW allow anything that OLD did not."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import click

from mlguard.comparison import compare_accounts, compare_documents
from mlguard.errors import DocumentError, FileError
from mlguard.iam.algebra.condition_region import Values
from mlguard.iam.comparison.compare import Comparison
from mlguard.iam.language.document import Document, parse
from mlguard.iam.language.strict_json import mapping
from mlguard.principals import Principals, principals
from mlguard.reporters.escaping import printable
from mlguard.sources.by_content import snapshot_of
from mlguard.sources.files import read

SOMETHING_NEW, UNDECIDED = 1, 3
_OF_ACCOUNTS = (
    *("schema_version", "RoleDetailList", "UserDetailList", "GroupDetailList", "Policies", "steps"),
)
_NEITHER = (
    "neither a policy document (Statement), nor what `mlguard collect` wrote (schema_version), nor "
    "authorization details (RoleDetailList)"
)


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format", "shown", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(*, old: str, new: str, shown: str) -> None:
    """Tell what NEW allows and OLD does not, each with a request that shows it.

    OLD and NEW are both policy documents, or both accounts: snapshots or authorization details.
    "Nothing new" holds for every action and resource there can be, not only for known ones. Of
    accounts, the trust policies of roles are compared too: who may assume them anew.

    Exit: 0 nothing new, 1 something is, 3 some of it could not be decided, 2 a file is neither,
    4 it cannot be opened.
    """
    if old == new == "-":
        raise click.UsageError("only one of OLD and NEW can be `-`, standard input")
    found = _compared(_read(old), _read(new))
    click.echo(json.dumps(_data(found), indent=2) if shown == "json" else "\n".join(_text(found)))
    if found.new_access:
        sys.exit(SOMETHING_NEW)
    sys.exit(UNDECIDED if found.undecided else 0)


def _compared(old: Document | Principals, new: Document | Principals) -> Comparison:
    if isinstance(old, Document) and isinstance(new, Document):
        return compare_documents(old, new)
    if isinstance(old, Principals) and isinstance(new, Principals):
        return compare_accounts(old, new)
    raise click.UsageError("OLD and NEW must be of one kind: two policy documents or two accounts")


def _read(path: str) -> Document | Principals:
    """Return what a file holds; raises UsageError that names file, place and cure.

    What was not read cannot be compared: 1 and 3 say something of both sides.
    """
    text = read(path)
    try:
        if not _is_account(text):
            return parse(text.decode())
        now = datetime.now(UTC).replace(microsecond=0)
        return principals(snapshot_of(text, name=path, taken_at=now))
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path}: not text in UTF-8: save it as UTF-8") from error
    except DocumentError as error:
        cure = ": is it a policy document?" if b'"Statement"' in text else ""
        raise click.UsageError(f"{path}: {error}{cure}") from error
    except RecursionError as error:
        raise click.UsageError(f"{path}: $: nested too deeply") from error
    except FileError as error:
        raise click.UsageError(str(error)) from error


def _is_account(text: bytes) -> bool:
    """Tell a snapshot or authorization details from a policy document.

    What is neither raises DocumentError; of a text that is no one JSON document, the words in it
    tell whose reader knows best what is wrong.
    """
    if not text.strip():
        raise DocumentError("$", "the file is empty")
    try:
        root = json.loads(text.decode())
    except (ValueError, RecursionError):
        # UTF-16, as PowerShell writes it, is ASCII with zeros between.
        plain = text.replace(b"\0", b"")
        return any(f'"{key}"'.encode() in plain for key in _OF_ACCOUNTS)
    keys = mapping(root, "$").keys()
    if "Statement" in keys:
        return False
    if keys.isdisjoint(_OF_ACCOUNTS):
        raise DocumentError("$", _NEITHER)
    return True


def _text(found: Comparison) -> Iterator[str]:
    if not found.new_access and not found.undecided:
        yield "nothing new: NEW allows no request that OLD does not"
    for one in found.new_access:
        who = f"{one.principal}: " if one.principal else ""
        yield printable(f"new        {who}{one.action} on {one.resource}{_when(one.context)}")
    for left in found.undecided:
        who = f"{left.principal}: " if left.principal else ""
        yield printable(f"undecided  {who}{left.action} on {left.resource}: {left.reason}")


def _when(context: Mapping[str, Values]) -> str:
    if not context:
        return ""
    said = (f"{key} = {_values(value)}" for key, value in context.items())
    return f" with {', '.join(said)}"


def _values(value: Values) -> str:
    """Return the values of a key: of several the request carries them all."""
    return " and ".join(value) or "no value"


def _data(found: Comparison) -> dict[str, object]:
    return {
        "newAccess": [
            {
                "action": one.action,
                "resource": one.resource,
                "conditions": {key: list(value) for key, value in one.context.items()},
                **_whose(one.principal),
            }
            for one in found.new_access
        ],
        "undecided": [
            {
                "action": left.action,
                "resource": left.resource,
                "reason": left.reason,
                **_whose(left.principal),
            }
            for left in found.undecided
        ],
    }


def _whose(principal: str | None) -> dict[str, str]:
    return {} if principal is None else {"principal": principal}
