"""`mlguard simulate`: the offline policy simulator, a case a line."""

import json
import sys
from collections import Counter
from collections.abc import Iterator

import click

from mlguard.errors import DocumentError
from mlguard.iam.evaluation.simulate import Answer, simulate
from mlguard.iam.language.strict_json import loads
from mlguard.reporters.escaping import printable
from mlguard.sources.files import read

SOME_UNANSWERED = 3


@click.command("simulate")
@click.argument("cases", metavar="FILE")
@click.option(
    "--format", "shown", type=click.Choice(["text", "jsonl"]), default="text", show_default=True
)
def command(*, cases: str, shown: str) -> None:
    """Evaluate cases as IAM does, without AWS: one JSON object a line; - is stdin.

    A case names a request (principal, action, resource, context) and the policies that apply:
    identity, boundary, session, resource, service and resource control, endpoint. Its context is
    complete: a key that is not given is absent.

    Exit: 0 every case was answered, 3 some could not be.
    """
    answers = []
    for answer in _answers(read(cases)):
        answers.append("error" in answer)
        click.echo(json.dumps(answer) if shown == "jsonl" else _text(answer))
    sys.exit(SOME_UNANSWERED if any(answers) else 0)


def _answers(text: bytes) -> Iterator[Answer]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            case = loads(line.decode())
        except (DocumentError, UnicodeDecodeError) as error:
            yield {"name": None, "line": number, "error": str(error)}
            continue
        yield simulate(case)


def _text(answer: Answer) -> str:
    name = printable(str(answer["name"] or f"line {answer.get('line')}"))
    if "error" in answer:
        return f"{'error':12}  {name}: {printable(str(answer['error']))}"
    first = f"{answer['decision']:12}  {name}  (decided by {answer['decidedBy']}{_by(answer)})"
    return "\n".join(
        (first, *_notes(answer, "doubts", "doubt"), *_notes(answer, "assumptions", "assumed"))
    )


def _notes(answer: Answer, key: str, title: str) -> Iterator[str]:
    notes = answer.get(key)
    if isinstance(notes, list):
        yield from (f"{'':12}    {title}: {printable(note)}" for note in notes)


def _by(answer: Answer) -> str:
    matched = answer["matchedStatements"]
    if not isinstance(matched, list) or not matched:
        return ""
    places = Counter(f"{one['policy']}[{one['sid'] or one['index']}]" for one in matched)
    return f": {', '.join(printable(place) for place in places)}"
