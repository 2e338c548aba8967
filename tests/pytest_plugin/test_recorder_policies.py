"""The least policy that a run writes for each role, and where it goes."""

import pytest

moto = pytest.importorskip("moto")

from tests.builders.iam import allow, iam_arn, role  # noqa: E402  # moto is an extra
from tests.pytest_plugin.project import run  # noqa: E402
from tests.pytest_plugin.recording import (  # noqa: E402
    BUCKET,
    READ,
    READS,
    WRITE,
    make,
    section,
    with_policy,
    written,
)

pytest_plugins = ("pytester",)


def test_the_least_policy_is_written_from_all_tests(pytester: pytest.Pytester) -> None:
    make(pytester, READ + WRITE, with_policy(allow("s3:*")))
    result = run(pytester, "--mlguard-write-policy=out")
    assert "notes-role.json" in section(result).partition("wrote ")[2]
    statements = {one["Action"]: one["Resource"] for one in written(pytester)}
    assert statements == {"s3:GetObject": f"{BUCKET}/a", "s3:PutObject": f"{BUCKET}/b"}


def test_a_policy_that_cannot_be_written_fails_the_run(pytester: pytest.Pytester) -> None:
    make(pytester, READ, with_policy(READS))
    (pytester.path / "out").write_text("a file")
    result = run(pytester, "--mlguard-write-policy=out")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "cannot be made" in section(result)


def test_a_hostile_name_stays_in_its_folder_and_acts_on_no_terminal(
    pytester: pytest.Pytester,
) -> None:
    names = ("../up", "..", "a\x1b[31mb", "CON.json", "ä" * 200)
    roles = [role(name, arn=iam_arn(f"role/{name}")) for name in names]
    tests = "".join(
        f"@pytest.mark.mlguard_record({name!r})\ndef test_{at}():\n"
        "    boto3.client('s3').get_object(Bucket='notes', Key='a')\n\n\n"
        for at, name in enumerate(names)
    )
    make(pytester, tests, *roles)
    before = set(pytester.path.rglob("*.json"))
    result = run(pytester, "--mlguard-write-policy=out")
    assert "\x1b[31mb" not in result.stdout.str()
    made = set(pytester.path.rglob("*.json")) - before
    assert len(made) == len(names)
    assert {path.parent for path in made} == {pytester.path / "out"}
    assert {path.name for path in made} >= {"up.json", "%2E..json", "a%1B%5B31mb.json"}


def test_roles_whose_names_differ_by_case_alone_have_files_of_their_own(
    pytester: pytest.Pytester,
) -> None:
    tests = READ + READ.replace("@record", "@pytest.mark.mlguard_record('Notes-Role')").replace(
        "test_read", "test_again"
    )
    make(pytester, tests, with_policy(READS), role("Notes-Role"))
    run(pytester, "--mlguard-write-policy=out")
    names = [path.name for path in (pytester.path / "out").iterdir()]
    assert len({name.casefold() for name in names}) == 2
    assert {name.partition(".")[0] for name in names} == {"notes-role", "Notes-Role"}


def test_without_a_source_an_arn_is_enough_to_write_its_policy(pytester: pytest.Pytester) -> None:
    arn = "arn:aws:iam::210987654321:role/notes-role"
    tests = READ.replace("@record", f"@pytest.mark.mlguard_record({arn!r})")
    queues = tests.replace("s3", "sqs")
    make(
        pytester,
        queues.replace('get_object(Bucket="notes", Key="a")', 'create_queue(QueueName="q")'),
        ini="",
    )
    assert run(pytester, "--mlguard-write-policy=out").ret == pytest.ExitCode.OK
    (statement,) = written(pytester)
    assert statement["Resource"] == "arn:aws:sqs:us-east-1:210987654321:q"
