"""The house keeps its order: what is imported when, how long files are, what checks must have."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from mlguard.checks.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for room in ("mlguard", "mlguard_pytest", "training", "deploy")
    for path in (ROOT / room).rglob("*.py")
)
# Each module of theirs is a command, and prints what it did.
COMMANDS = (ROOT / "mlguard" / "cli", ROOT / "training", ROOT / "deploy")
AWS_PAGES = ("https://docs.aws.amazon.com/", "https://aws.amazon.com/")
HEAVY = ("boto3", "botocore", "rich", "jinja2", "policyuniverse", "moto")


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after running the code."""
    script = (
        f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_importing_mlguard_loads_nothing_heavy() -> None:
    assert loaded_by("import mlguard").isdisjoint({*HEAVY, "click", "msgspec"})


def test_auditing_a_snapshot_loads_no_aws_library() -> None:
    code = "import mlguard.auditor, mlguard.reporters.json, mlguard.sources.snapshot_file"
    assert loaded_by(code).isdisjoint({"boto3", "botocore", "rich", "moto"})


def test_the_help_loads_click_and_nothing_heavy() -> None:
    code = "from mlguard.cli import group\ngroup(['--help'], standalone_mode=False)"
    assert loaded_by(code).isdisjoint({*HEAVY, "msgspec"})


def test_importing_opens_no_file_of_ours() -> None:
    code = (
        "import sys\n"
        "opened = []\n"
        "def hook(name, args):\n"
        "    if name == 'open': opened.append(str(args[0]))\n"
        "sys.addaudithook(hook)\n"
        "import mlguard.auditor, mlguard.checks.catalogue, mlguard.data.prices\n"
        "bad = [path for path in opened if path.endswith(('.json', '.toml'))]\n"
        "assert not bad, bad\n"
    )
    loaded_by(code)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_a_caption_and_a_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first line says what the file is for"
    assert len(text.splitlines()) <= 400


def test_no_room_is_nameless() -> None:
    nameless = {"utils", "helpers", "common", "misc", "core"}
    assert not [path for path in SOURCES if path.stem in nameless]


def test_only_the_command_line_prints_and_exits() -> None:
    guilty = []
    for path in SOURCES:
        if any(path.is_relative_to(room) for room in COMMANDS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in {"print", "sys.exit", "exit"}:
                guilty.append(f"{path}:{getattr(node, 'lineno', 0)}")
    assert not guilty


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.id)
def test_a_check_has_all_that_a_reader_needs(check) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert check.judge.__name__.replace("_", "-") == check.id
    assert check.title
    assert not check.title.endswith(".")
    assert len(check.reason) > 40
    assert check.remediation
    assert check.references
    assert all(link.startswith(AWS_PAGES) for link in check.references)
    assert check.bad
    assert check.good


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.id)
def test_a_remediation_is_one_command_or_sentences_with_commands_in_backquotes(check) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    text = check.remediation
    assert text.startswith("aws ") or text[0].isupper()
    assert text.count("`") % 2 == 0
    if text.startswith("aws "):
        assert "`" not in text
        assert not text.endswith(".")
    else:
        assert text.endswith(".")
        assert all(part.startswith("aws ") for part in text.split("`")[1::2])


def test_check_ids_are_unique() -> None:
    ids = [check.id for check in CATALOGUE]
    assert len(ids) == len(set(ids))
