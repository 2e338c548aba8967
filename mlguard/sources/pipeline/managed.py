"""AWS's own policies that a plan attaches: it names them, the shipped data has their text."""

from collections.abc import Iterable, Iterator

from mlguard.data.managed_policies import managed_policy
from mlguard.iam.language.arn import Arn
from mlguard.resources.base import GLOBAL
from mlguard.resources.iam import Group, ManagedPolicy, Role, User
from mlguard.resources.kinds import AnyResource
from mlguard.sources.readers.iam import AWS, in_use


def shipped(resources: Iterable[AnyResource]) -> Iterator[ManagedPolicy]:
    """Yield the AWS managed policies that principals here have, as far as they are shipped.

    The others stay unknown: a check that needs to read one says so.
    """
    principals = [one for one in resources if isinstance(one, Role | User | Group)]
    for text in sorted(in_use(principals)):
        arn = Arn.parse(text)
        found = managed_policy(f"arn:aws:iam::{AWS}:{arn.resource}") if arn.account == AWS else None
        if found is None:
            continue
        yield ManagedPolicy(
            arn=text,
            account=AWS,
            region=GLOBAL,
            name=arn.name,
            policy_id=arn.name,
            path=arn.resource.removeprefix("policy").removesuffix(arn.name),
            default_version=found.version,
            document=found.document,
        )
