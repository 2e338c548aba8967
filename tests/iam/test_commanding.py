"""Documents of commands: a node and a document must be allowed, and the document must run code.

Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager";
Systems Manager User Guide, "AWS Systems Manager Run Command". The documents of AWS stand in no
account: arn:aws:ssm:REGION::document/AWS-RunShellScript.
"""

import pytest

from mlguard.data.escalation_paths import command_documents
from mlguard.iam.escalation.account import AccountView, Host
from mlguard.iam.escalation.chain import Certainty, Escalation
from tests.iam.escalation_account import (
    ACCOUNT,
    CALLER,
    LIMIT,
    TARGET_ROLE,
    Statement,
    allow,
    deny,
    policy,
    role,
    user,
    view,
    ways,
)

NODE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
ON_NODE = allow("ssm:SendCommand", on=NODE)
OF_AWS = "arn:aws:ssm:eu-west-1::document/"
OWN = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:document/"


def account(
    *statements: Statement, read: bool = True, limit: Statement | None = None
) -> AccountView:
    host = Host(kind="ec2-instance", arn=NODE, role=TARGET_ROLE)
    bound = {} if limit is None else {"limit": policy(limit, name=LIMIT)}
    return view(
        user(CALLER, *statements, **bound),
        role("target", allow("*")),
        hosts=(host,) if read else (),
        hosts_read=frozenset({"ec2-instance"} if read else ()),
    )


def sent(*documents: str, read: bool = True) -> list[Escalation]:
    on = allow("ssm:SendCommand", on=list(documents))
    return list(ways(account(ON_NODE, on, read=read), "ssm-002"))


@pytest.mark.parametrize(
    "document",
    [
        "*",
        "arn:aws:ssm:*:*:document/*",
        "arn:aws:ssm:*:*:document/AWS-Run*",
        f"{OF_AWS}AWS-RunShellScript",
        "arn:aws:ssm:*::document/AWS-RunPowerShellScript",
        f"{OF_AWS}AWS-RunRemoteScript",
    ],
)
def test_a_document_that_runs_what_one_writes_is_the_way(document: str) -> None:
    (way,) = sent(document)
    assert (way.certainty, way.target) == (Certainty.PROVED, NODE)
    assert (way.steps[0].action, way.steps[0].resource) == ("ssm:SendCommand", NODE)
    assert "document/AWS-Run" in (way.steps[1].resource or "")


@pytest.mark.parametrize("name", sorted(command_documents().run_none))
def test_a_document_that_runs_no_code_of_the_caller_is_no_way(name: str) -> None:
    assert not sent(f"{OF_AWS}{name}")
    assert not sent(f"arn:aws:ssm:*::document/{name}", read=False)
    assert not sent(f"arn:aws:ssm:*:*:document/{name}", f"{OF_AWS}{name}")


@pytest.mark.parametrize(
    "document",
    [
        f"{OWN}deploy",
        f"{OF_AWS}AWS-JustReleased",
        "arn:aws:ssm:eu-west-1:999999999999:document/shared",
    ],
)
def test_a_document_that_nobody_read_may_run_code(document: str) -> None:
    (way,) = sent(document)
    assert way.certainty is Certainty.POSSIBLE
    assert "a document that the caller may send runs code of its own" in way.conditions


def test_whoever_writes_the_document_runs_code() -> None:
    own = allow("ssm:SendCommand", on=f"{OWN}team-*")
    writes = allow("ssm:CreateDocument", on=f"{OWN}team-*")
    (way,) = ways(account(ON_NODE, own, writes), "ssm-002")
    assert way.certainty is Certainty.PROVED
    elsewhere = allow("ssm:CreateDocument", on=f"{OWN}other-*")
    (way,) = ways(account(ON_NODE, own, elsewhere), "ssm-002")
    assert way.certainty is Certainty.POSSIBLE
    # One that is named may be there already.
    named = allow("ssm:SendCommand", "ssm:CreateDocument", on=f"{OWN}deploy")
    (way,) = ways(account(ON_NODE, named), "ssm-002")
    assert way.certainty is Certainty.POSSIBLE


@pytest.mark.parametrize("read", [True, False])
def test_neither_the_node_nor_the_document_is_enough(read: bool) -> None:  # noqa: FBT001
    shell = allow("ssm:SendCommand", on=f"{OF_AWS}AWS-RunShellScript")
    assert ways(account(ON_NODE, shell, read=read), "ssm-002")
    assert not ways(account(ON_NODE, read=read), "ssm-002")
    assert not ways(account(shell, read=read), "ssm-002")


def test_a_document_of_another_region_is_none() -> None:
    assert not sent("arn:aws:ssm:us-east-1::document/AWS-RunShellScript")


def test_denies_and_boundaries_bear_on_documents_too() -> None:
    every = allow("ssm:SendCommand")
    assert ways(account(every), "ssm-002")[0].certainty is Certainty.PROVED
    of_aws = deny("ssm:SendCommand", on="arn:aws:ssm:*::document/AWS-*")
    assert all(
        way.certainty is Certainty.POSSIBLE for way in ways(account(every, of_aws), "ssm-002")
    )
    all_of_them = deny("ssm:SendCommand", on="arn:aws:ssm:*:*:document/*")
    assert not ways(account(every, all_of_them), "ssm-002")
    harmless = allow("ssm:SendCommand", on=[NODE, f"{OF_AWS}AWS-UpdateSSMAgent"])
    assert not ways(account(every, limit=harmless), "ssm-002")


def test_an_association_sends_a_document_to_any_node() -> None:
    """Systems Manager User Guide, "Working with associations using IAM"."""

    def found(*documents: str) -> list[Escalation]:
        on = allow(
            "ssm:CreateAssociation", on=[f"arn:aws:ssm:*:{ACCOUNT}:association/*", *documents]
        )
        return list(ways(account(on), "x-ssm-createassociation"))

    (way,) = found(f"{OF_AWS}AWS-RunShellScript")
    assert (way.certainty, way.target, way.admin) == (Certainty.PROVED, NODE, True)
    assert [way.certainty for way in found(f"{OWN}deploy")] == [Certainty.POSSIBLE]
    assert not found(f"{OF_AWS}AWS-UpdateSSMAgent")
    assert not found()
    only = allow("ssm:CreateAssociation", on=f"{OF_AWS}AWS-RunShellScript")
    assert not ways(account(only), "x-ssm-createassociation")
