"""Roles that may do what they need, or of which not all was read: no full access is told."""

from mlguard.report import Outcome
from mlguard.resources.iam import InlinePolicy
from mlguard.resources.kinds import KINDS
from tests.builders.account import gap
from tests.builders.iam import (
    allow,
    attached,
    aws_managed,
    document,
    inline,
    managed_policy,
    role,
)
from tests.checks.case import Case
from tests.checks.full_access_cases import EVERYTHING, deny, full

SERVICE_LINKED = "/aws-service-role/lambda.amazonaws.com/"
NO_POLICIES = tuple(kind for kind in KINDS if kind != "ManagedPolicy")
NO_ACCESS = managed_policy(
    "none", document=document({"Effect": "Deny", "Action": "*", "Resource": "*"})
)

CASES: tuple[Case, ...] = (
    full("a role with one action on one endpoint", Outcome.PASSED, role()),
    full(
        "all of S3, denied in another policy",
        Outcome.PASSED,
        role(
            inline_policies=(
                inline(allow("s3:*"), name="a"),
                inline(deny("s3:*"), name="b"),
            )
        ),
    ),
    full(
        "AWS's policy, without a document, of a role that was switched off",
        Outcome.PASSED,
        role(attached_policies=(aws_managed("AmazonS3FullAccess"), aws_managed("AWSDenyAll"))),
    ),
    full(
        "AWS's policy, without a document, and everything denied",
        Outcome.PASSED,
        role(
            attached_policies=(aws_managed("AmazonS3FullAccess"),),
            inline_policies=(inline(deny("*")),),
        ),
    ),
    full(
        "AWS's policy, without a document, and another service denied",
        Outcome.FAILED,
        role(
            attached_policies=(aws_managed("AmazonS3FullAccess"),),
            inline_policies=(inline(deny("ec2:*")),),
        ),
    ),
    full(
        "full access that a boundary undoes",
        Outcome.PASSED,
        EVERYTHING,
        NO_ACCESS,
        role(attached_policies=(attached(EVERYTHING),), permissions_boundary=NO_ACCESS.arn),
    ),
    full(
        "AWS's policy for what Lambda itself needs",
        Outcome.PASSED,
        role(attached_policies=(aws_managed("AWSLambdaBasicExecutionRole"),)),
    ),
    full(
        "all of S3 in one bucket",
        Outcome.PASSED,
        role(inline_policies=(inline(allow("s3:*", resource="arn:aws:s3:::dogs/*")),)),
    ),
    full(
        "all of S3 of one project",
        Outcome.PASSED,
        role(
            inline_policies=(
                inline(allow("s3:*", Condition={"StringEquals": {"aws:ResourceTag/of": "dogs"}})),
            )
        ),
    ),
    full(
        "all of S3 in the night",
        Outcome.PASSED,
        role(
            inline_policies=(
                inline(
                    allow(
                        "s3:*",
                        Condition={
                            "Bool": {"aws:SecureTransport": "true"},
                            "DateGreaterThan": {"aws:CurrentTime": "2026-11-02T22:00:00Z"},
                        },
                    )
                ),
            )
        ),
    ),
    full(
        "all of S3 by plain HTTP alone",
        Outcome.PASSED,
        role(
            inline_policies=(
                inline(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})),
            )
        ),
    ),
    full(
        "a deny of everything",
        Outcome.PASSED,
        role(inline_policies=(inline({"Effect": "Deny", "Action": "*", "Resource": "*"}),)),
    ),
    full(
        "many actions of one service, each named",
        Outcome.PASSED,
        role(inline_policies=(inline(allow("logs:Create*", "logs:PutLogEvents")),)),
    ),
    full(
        "a service-linked role",
        Outcome.PASSED,
        role(path=SERVICE_LINKED, attached_policies=(aws_managed("AmazonS3FullAccess"),)),
    ),
    full(
        "an inline policy that is none",
        Outcome.NOT_EVALUATED,
        role(inline_policies=(InlinePolicy(name="bad", document="{"),)),
    ),
    full(
        "an attached policy that could not be read",
        Outcome.NOT_EVALUATED,
        role(attached_policies=(attached(EVERYTHING),)),
        gaps=(gap("ManagedPolicy", subject=EVERYTHING.arn, region="global"),),
    ),
    full(
        "an attached policy where nobody reads policies",
        Outcome.NOT_EVALUATED,
        role(attached_policies=(attached(EVERYTHING),)),
        covers=NO_POLICIES,
    ),
)
