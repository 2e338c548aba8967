"""What the search for ways takes from a snapshot: what was read, and what was not."""

from datetime import date

import pytest

from mlguard.escalations import find
from mlguard.iam.escalation.chain import Certainty
from mlguard.resources.iam import PolicyVersion
from tests.builders.account import snapshot
from tests.builders.iam import allow, attached, document, managed_policy, user

TODAY = date(2026, 11, 22)
CHOOSES = allow("iam:SetDefaultPolicyVersion")


def version(text: str) -> PolicyVersion:
    return PolicyVersion(version="v2", document=text)


@pytest.mark.parametrize(
    ("versions", "certainties"),
    [
        ((version(document(allow("*"))),), [Certainty.PROVED]),
        ((version(document(CHOOSES)),), []),
        ((), []),
        (None, [Certainty.POSSIBLE]),
        ((version("no policy"),), [Certainty.POSSIBLE]),
    ],
    ids=["more", "no more", "none", "not read", "no policy"],
)
def test_the_versions_of_a_policy_are_those_that_were_read(
    versions: tuple[PolicyVersion, ...] | None, certainties: list[Certainty]
) -> None:
    own = managed_policy("own", document=document(CHOOSES), other_versions=versions)
    ana = user("ana", attached_policies=(attached(own),))
    (one,) = find(snapshot(own, ana), today=TODAY).principals
    assert [way.certainty for way in one.escalations] == certainties
