"""Trust in services that act for strangers as well: the confused deputy problem."""

from collections.abc import Iterator
from typing import Final

from mlguard.check import Context, Evidence, Severity, check
from mlguard.checks.trusted import Keys, doors, may_enter
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import ConditionTest, Document, Statement
from mlguard.iam.language.exposure import restricts_who
from mlguard.iam.language.principal import is_account_id
from mlguard.resources.iam import Role

_AT: Final = "AssumeRolePolicyDocument"
_UPDATE: Final = (
    "`aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json`"
)
# Services whose documentation asks for it in the trust policy of the role that they are passed:
# the pages are the references of the check. Lambda's and EC2's do not, nor do they offer it.
_DEPUTIES: Final = frozenset({"sagemaker", "bedrock", "personalize", "ecs-tasks", "states"})
_SOURCE: Final = frozenset(
    {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}
)
# Of another organization, or of none.
_STRANGE: Final[tuple[Keys, ...]] = (
    {"aws:SourceOrgID": "o-stranger00", "aws:SourceOrgPaths": "o-stranger00/r-stra/"},
    {"aws:SourceOrgID": (), "aws:SourceOrgPaths": ()},
)


@check(
    "role-trust-no-source-account",
    "Role that a service may use on behalf of another account",
    on=Role,
    severity=Severity.LOW,
    remediation=(
        "Add to the statement the condition StringEquals aws:SourceAccount {account}, or ArnLike "
        f"aws:SourceArn with the ARN of what uses the role; then {_UPDATE}."
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/batch-iam-sr.html",
        "https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
        "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
    ),
    bad="Principal: {Service: sagemaker.amazonaws.com}",
    good="Principal: {Service: sagemaker.amazonaws.com}, Condition: {StringEquals: "
    "{aws:SourceAccount: 123456789012}}",
)
def role_trust_no_source_account(role: Role, context: Context) -> Iterator[Evidence]:
    """Services act for many customers: with this role they are to act for one alone.

    SageMaker, Bedrock, Personalize, Step Functions and ECS say on whose behalf they ask for the
    role, and their documentation asks you to check it (the confused deputy problem). Services
    that do not, Lambda and EC2 among them, are not judged.
    """
    document = context.parse(role.trust_policy, of=role, at=_AT)
    if role.service_linked:
        return
    known = {role.account, *context.snapshot.accounts, *context.policy.trusted_accounts}
    for door in doors(document):
        services = door.principals.service if door.principals is not None else ()
        asked = [test for test in door.conditions if test.key.lower() in _SOURCE]
        if any(map(restricts_who, asked)):
            names = [name for name in services if _says_for_whom(name)]
            if names:
                yield from _for_others(door, names, asked, known)
            continue
        open_to = [name for name in services if _is_deputy(name, document, role)]
        if open_to:
            yield Evidence(
                message=f"{', '.join(open_to)} may use it, whoever asks: "
                "no condition on aws:SourceAccount or aws:SourceArn",
                at=f"{_AT}.Statement[{door.index}].Condition",
                locator=door.locator,
                excerpt=door.excerpt("Principal"),
            )


def _for_others(
    door: Statement, services: list[str], asked: list[ConditionTest], known: set[str]
) -> Iterator[Evidence]:
    """Yield what is wrong where a condition asks for accounts that nobody knows."""
    named = [_accounts(test) for test in asked if restricts_who(test)]
    # The tests must all hold; one on an organization or a bucket says enough.
    others = sorted(frozenset.intersection(*named) - known)
    if others:
        yield Evidence(
            message=f"{', '.join(services)} may use it on behalf of account {', '.join(others)}, "
            "which the policy does not list",
            at=f"{_AT}.Statement[{door.index}].Condition",
            locator=door.locator,
            severity=Severity.MEDIUM,
            excerpt=door.excerpt("Principal", "Condition"),
        )


def _accounts(test: ConditionTest) -> frozenset[str]:
    """Return the accounts that the values of a test on a source name."""
    owners = {value if is_account_id(value) else account_of(value) for value in test.values}
    return frozenset(filter(is_account_id, owners))


def _says_for_whom(service: str) -> bool:
    return service.partition(".")[0] in _DEPUTIES


def _is_deputy(service: str, document: Document, role: Role) -> bool:
    if not _says_for_whom(service):
        return False
    arn = f"arn:aws:{service.partition('.')[0]}:us-east-1:000000000000:stranger"
    source: Keys = {"aws:SourceAccount": "000000000000", "aws:SourceArn": arn}
    known = ({**source, **organization} for organization in _STRANGE)
    return may_enter(document, service, role=role, known=known)


CHECKS = (role_trust_no_source_account,)
