"""`mlguard compare`: does NEW allow anything that OLD did not."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import click

from mlguard.comparison import compare_accounts, compare_documents
from mlguard.errors import DocumentError, FileError
from mlguard.iam.compare import Comparison
from mlguard.iam.document import Document, parse
from mlguard.principals import Principals, principals
from mlguard.reporters.escaping import printable
from mlguard.sources.by_content import snapshot_of
from mlguard.sources.files import read

SOMETHING_NEW, UNDECIDED = 1, 3


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--format", "shown", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(*, old: str, new: str, shown: str) -> None:
    """Tell what NEW allows and OLD does not, each with a request that shows it.

    OLD and NEW are both policy documents, or both accounts: snapshots or authorization details.
    "Nothing new" holds for every action and resource there can be, not only for known ones.

    Exit: 0 nothing new, 1 something is, 3 some of it could not be decided.
    """
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
    text = read(path)
    if not _is_document(text):
        now = datetime.now(UTC).replace(microsecond=0)
        return principals(snapshot_of(text, name=path, taken_at=now))
    try:
        return parse(text.decode())
    except (DocumentError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: {error}") from error


def _is_document(text: bytes) -> bool:
    try:
        root = json.loads(text)
    except ValueError:
        return b'"Statement"' in text and b"DetailList" not in text and b'"kind"' not in text
    return isinstance(root, dict) and "Statement" in root


def _text(found: Comparison) -> Iterator[str]:
    if not found.new_access and not found.undecided:
        yield "nothing new: NEW allows no request that OLD does not"
    for one in found.new_access:
        who = f"{one.principal}: " if one.principal else ""
        yield printable(f"new        {who}{one.action} on {one.resource}{_when(one.context)}")
    for left in found.undecided:
        who = f"{left.principal}: " if left.principal else ""
        yield printable(f"undecided  {who}{left.action} on {left.resource}: {left.reason}")


def _when(context: Mapping[str, object]) -> str:
    if not context:
        return ""
    return f" with {', '.join(f'{key} = {value}' for key, value in context.items())}"


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
