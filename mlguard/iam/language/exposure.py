"""Whom a statement of a resource policy lets in: named parties, or anyone at all.

A condition counts only if it ties the caller to somebody: AWS's own meaning of "public" (Amazon
S3 User Guide, "Blocking public access to your Amazon S3 storage", The meaning of "public") asks
for fixed values of certain keys. An operator that is negated, an IfExists and a ForAllValues are
true for callers who lack the key: they keep nobody out.
"""

import warnings
from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_network
from typing import Final

from mlguard.errors import ArnError
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import ConditionTest, Effect, Statement

# What policyuniverse's list (of 2021) lacks.
_LATER_KEYS: Final[Mapping[str, str]] = {
    "aws:federatedprovider": "arn",
    "aws:sourceorgid": "organization",
    "aws:sourceorgpaths": "organization",
    "aws:sourcevpcarn": "arn",
    "aws:vpceaccount": "account",
    "aws:vpceorgid": "organization",
    "aws:vpceorgpaths": "organization",
    # A secret that an Alexa skill shares with the function.
    "lambda:eventsourcetoken": "token",
}
_LITERAL: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase"})
_POSITIVE: Final = frozenset({*_LITERAL, "StringLike", "ArnEquals", "ArnLike", "IpAddress"})
# Variables that stand for the owner of the resource, whoever calls.
_OWNER: Final = frozenset(
    {"${aws:resourceaccount}", "${aws:resourceorgid}", "${aws:resourceorgpaths}"}
)
# S3 calls ranges wider than these public.
_WIDEST_PREFIX: Final = {4: 8, 6: 32}
_AUTH_TYPE: Final = "lambda:functionurlauthtype"


class Exposure(Enum):
    """Whom a statement lets in."""

    NAMED = "named parties"
    ANY_ACCOUNT = "anyone with an AWS account"
    ANYONE = "anyone"


def exposure(statement: Statement) -> Exposure:
    """Return whom the statement lets in; a Deny, or one that names no principal, nobody new.

    An Allow with NotPrincipal lets everybody else in.
    """
    if statement.effect is Effect.DENY or not _names_anyone(statement):
        return Exposure.NAMED
    if any(restricts_who(test) for test in statement.conditions):
        return Exposure.NAMED
    if any(_asks_for_signature(test) for test in statement.conditions):
        return Exposure.ANY_ACCOUNT
    return Exposure.ANYONE


def restricts_who(test: ConditionTest) -> bool:
    """Return whether the test ties the caller to somebody, each of its values to one."""
    if test.if_exists or test.qualifier == "ForAllValues" or test.operator not in _POSITIVE:
        return False
    category = _category(test)
    if category is None:
        return False
    return all(_is_fixed(value, category, test.operator) for value in test.values)


def _names_anyone(statement: Statement) -> bool:
    if statement.not_principals is not None:
        return True
    return statement.principals is not None and statement.principals.anyone


def _asks_for_signature(test: ConditionTest) -> bool:
    """Return whether only function URLs that check signatures are meant.

    AWS Lambda Developer Guide, "Control access to Lambda function URLs": with AWS_IAM a caller
    needs credentials, but with any account's will do where the principal is `*`.
    """
    literal = test.operator in _LITERAL and not test.if_exists
    only_signed = all(value.upper() == "AWS_IAM" for value in test.values)
    return test.key.lower() == _AUTH_TYPE and literal and only_signed


def _category(test: ConditionTest) -> str | None:
    """Return what kind of party the key names, None if it names none."""
    with warnings.catch_warnings():
        # It leaves a file open at import. Slow to import, too, and few policies come this far.
        warnings.simplefilter("ignore", ResourceWarning)
        from policyuniverse.statement import Statement as Extractor

    condition = {test.operator: {test.key: list(test.values)}}
    entries = Extractor({"Effect": "Allow", "Condition": condition}).condition_entries
    known: str | None = entries[0].category if entries else None
    return known or _LATER_KEYS.get(test.key.lower())


def _is_fixed(value: str, category: str, operator: str) -> bool:
    if "${" in value:
        return value.lower() in _OWNER
    if operator in _LITERAL:
        return True
    match category:
        case "cidr":
            return _is_narrow(value)
        case "arn":
            return _is_owned(value)
        case _:
            return not _is_pattern(_own_part(value, category))


def _own_part(value: str, category: str) -> str:
    """Return the part of the value that alone says whose it is."""
    if category == "organization":
        return value.partition("/")[0]
    # A role's sessions: AROA...:*
    return value.removesuffix(":*") if category == "userid" else value


def _is_owned(value: str) -> bool:
    """Return whether every ARN of the pattern is of one account, or of one S3 bucket."""
    try:
        arn = Arn.parse(value)
    except ArnError:
        return False
    owner = arn.account or arn.resource.partition("/")[0]
    return not _is_pattern(owner)


def _is_narrow(value: str) -> bool:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST_PREFIX[network.version]


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value
