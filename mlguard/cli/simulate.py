"""`mlguard simulate`: the offline policy simulator, a case a line."""

import json
import sys
from collections import Counter
from collections.abc import Iterator

import click

from mlguard.errors import DocumentError, FileError
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

    Exit: 0 every case was answered, 3 some could not be, 4 the file cannot be read or
    holds none.
    """
    answers = []
    for number, answer in _answers(read(cases)):
        answers.append("error" in answer)
        click.echo(json.dumps(answer) if shown == "jsonl" else _text(answer, number))
    if not answers:
        raise FileError(f"{cases}: holds no case: write one JSON object a line")
    sys.exit(SOME_UNANSWERED if any(answers) else 0)


def _answers(text: bytes) -> Iterator[tuple[int, Answer]]:
    """Yield the number of each line, from 1, that is not blank, and its answer."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            case = loads(line.decode())
        except (DocumentError, UnicodeDecodeError) as error:
            yield number, {"name": None, "line": number, "error": str(error)}
            continue
        yield number, simulate(case)


def _text(answer: Answer, number: int) -> str:
    name = printable(str(answer["name"] or f"line {number}"))
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
