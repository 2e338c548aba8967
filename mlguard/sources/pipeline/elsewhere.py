"""Calls that make nothing a snapshot holds: accepted because they are in this table."""

from collections.abc import Mapping
from typing import Final

from mlguard.sources.pipeline.planned import Make, Parameters, Planned, Raw, named


def _nothing(_: Planned, __: Parameters) -> Raw:
    return {}


def _bucket(_: Planned, parameters: Parameters) -> Raw:
    return {"Location": f"/{named(parameters, 'Bucket')}"}


def _topic(account: Planned, parameters: Parameters) -> Raw:
    return {"TopicArn": account.arn("sns", named(parameters, "Name"))}


def _subscription(account: Planned, parameters: Parameters) -> Raw:
    topic = named(parameters, "TopicArn")
    return {"SubscriptionArn": f"{topic}:{account.identity('', topic, 'subscription')}"}


def _queue(account: Planned, parameters: Parameters) -> Raw:
    home, name = account.home, named(parameters, "QueueName")
    return {"QueueUrl": f"https://sqs.{home.region}.amazonaws.com/{home.account}/{name}"}


def _queue_attributes(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "QueueUrl").rpartition("/")[2]
    return {"Attributes": {"QueueArn": account.arn("sqs", name)}}


def _key(account: Planned, parameters: Parameters) -> Raw:
    key_id = account.identity("", "key", str(sorted(parameters.items())), length=32)
    return {"KeyMetadata": {"KeyId": key_id, "Arn": account.arn("kms", f"key/{key_id}")}}


def _repository(account: Planned, parameters: Parameters) -> Raw:
    home, name = account.home, named(parameters, "repositoryName")
    uri = f"{home.account}.dkr.ecr.{home.region}.amazonaws.com/{name}"
    arn = account.arn("ecr", f"repository/{name}")
    return {"repository": {"repositoryArn": arn, "repositoryName": name, "repositoryUri": uri}}


def _vpc(account: Planned, parameters: Parameters) -> Raw:
    return {"Vpc": {"VpcId": account.identity("vpc-", str(parameters.get("CidrBlock")))}}


def _subnet(account: Planned, parameters: Parameters) -> Raw:
    seed = (str(parameters.get("VpcId")), str(parameters.get("CidrBlock")))
    return {"Subnet": {"SubnetId": account.identity("subnet-", *seed)}}


def _route_table(account: Planned, parameters: Parameters) -> Raw:
    table_id = account.identity("rtb-", str(parameters.get("VpcId")))
    return {"RouteTable": {"RouteTableId": table_id}}


def _vpc_endpoint(account: Planned, parameters: Parameters) -> Raw:
    endpoint_id = account.identity("vpce-", named(parameters, "ServiceName"))
    return {"VpcEndpoint": {"VpcEndpointId": endpoint_id}}


def _rule(account: Planned, parameters: Parameters) -> Raw:
    return {"RuleArn": account.arn("events", f"rule/{named(parameters, 'Name')}")}


_SILENT: Final = (
    "budgets:CreateBudget",
    "budgets:CreateNotification",
    "budgets:CreateSubscriber",
    "cloudwatch:PutDashboard",
    "ec2:AssociateRouteTable",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcAttribute",
    "ec2:RevokeSecurityGroupEgress",
    "ecr:PutLifecyclePolicy",
    "ecr:SetRepositoryPolicy",
    "events:PutTargets",
    "kms:CreateAlias",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "lambda:PutFunctionEventInvokeConfig",
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutMetricFilter",
    "logs:PutRetentionPolicy",
    "s3:PutBucketEncryption",
    "s3:PutBucketLifecycleConfiguration",
    "s3:PutBucketLogging",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutObject",
    "s3:PutPublicAccessBlock",
    "sns:SetTopicAttributes",
    "sqs:SetQueueAttributes",
    "ssm:PutParameter",
)

OPERATIONS: Final[Mapping[str, Make]] = {
    **dict.fromkeys(_SILENT, _nothing),
    "ec2:CreateRouteTable": _route_table,
    "ec2:CreateSubnet": _subnet,
    "ec2:CreateVpc": _vpc,
    "ec2:CreateVpcEndpoint": _vpc_endpoint,
    "ecr:CreateRepository": _repository,
    "events:PutRule": _rule,
    "kms:CreateKey": _key,
    "s3:CreateBucket": _bucket,
    "sns:CreateTopic": _topic,
    "sns:Subscribe": _subscription,
    "sqs:CreateQueue": _queue,
    "sqs:GetQueueAttributes": _queue_attributes,
}
