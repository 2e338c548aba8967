"""What AWS makes of a parameter's value in an ARN, where it is not the value itself.

The tables of operations name these: `{QueueUrl|queue}`. None is for a value that does not tell.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from mlguard.iam.language.arn import account_of
from mlguard.iam.language.principal import is_account_id
from mlguard.iam.operations.values import Piece, Place, arn_of, escape

_ANY: Final = "*"
_SUFFIX_OF_SECRET: Final = 6
_QUEUE_PARTS: Final = 2

Transform = Callable[[str, Place], Piece | None]


def _plain(text: str, _: Place) -> Piece:
    return Piece(text=escape(text))


def _lower(text: str, _: Place) -> Piece:
    """SageMaker names endpoints in lower case, whatever the call says."""
    doubt = None if text == text.lower() else "SageMaker writes names of endpoints in lower case"
    return Piece(text=escape(text.lower()), doubt=doubt)


def _pathed(text: str, _: Place) -> Piece:
    """IAM User Guide, "IAM identifiers": the path is part of the ARN, but not of the name."""
    return Piece(text=escape(text), doubt="the path of its ARN is not in the call")


def _path(text: str, _: Place) -> Piece:
    return Piece(text=escape(text.lstrip("/")))


def _function(text: str, place: Place) -> Piece:
    """Lambda API reference, "FunctionName": a name, an ARN, or one without its beginning."""
    account, colon, rest = text.partition(":function:")
    if colon and is_account_id(account):
        head = f"arn:{place.partition}:lambda:{place.region}:{account}:function:"
        return Piece(text=head + escape(rest), whole=True)
    return arn_of(text, "lambda") or Piece(text=escape(text))


def _key(text: str, _: Place) -> Piece | None:
    """KMS Developer Guide, "ABAC for AWS KMS": an alias stands for a key, which is authorized."""
    found = arn_of(text, "kms")
    name = text.rpartition(":")[2]
    if name.startswith("alias/"):
        return Piece(text=_ANY, doubt=f"which key {name} stands for is not in the call")
    return found or Piece(text=escape(text))


def _alias(text: str, _: Place) -> Piece:
    """KMS API reference, "AliasName": it begins with `alias/`, which is in the ARN once."""
    return Piece(text=escape(text.removeprefix("alias/")))


def _secret(text: str, _: Place) -> Piece:
    """Secrets Manager User Guide: a secret's ARN ends in six characters of AWS's own."""
    piece = arn_of(text, "secretsmanager") or Piece(text=escape(text))
    dash, ending = text[-_SUFFIX_OF_SECRET - 1 : -_SUFFIX_OF_SECRET], text[-_SUFFIX_OF_SECRET:]
    if piece.whole and dash == "-" and ending.isalnum():
        return piece
    doubt = "the six characters that end the secret's ARN are not in the call"
    return Piece(text=f"{piece.text}-??????", doubt=doubt, whole=piece.whole)


def _queue(text: str, place: Place) -> Piece | None:
    """SQS Developer Guide: a queue's URL ends in its account and its name."""
    parts = text.split("?", maxsplit=1)[0].rstrip("/").split("/")[-_QUEUE_PARTS:]
    if len(parts) != _QUEUE_PARTS or not parts[0].isdigit():
        return arn_of(text, "sqs") or Piece(text=escape(parts[-1]))
    head = f"arn:{place.partition}:sqs:{place.region}:{parts[0]}:"
    return Piece(text=head + escape(parts[1]), whole=True)


def _parameter(text: str, _: Place) -> Piece:
    """Systems Manager: no slash begins the name in an ARN; a version or label is not part of it."""
    found = arn_of(text, "ssm")
    if found:
        return found
    return Piece(text=escape(text.lstrip("/").partition(":")[0]))


def _source(text: str) -> tuple[str, str]:
    """Return bucket and key of an S3 CopySource: `bucket/key`, or `access point/object/key`."""
    text = text.partition("?versionId=")[0].lstrip("/")
    if text.startswith("arn:") and "/object/" in text:
        bucket, _, key = text.partition("/object/")
    else:
        bucket, _, key = text.partition("/")
    return bucket, key


def _source_bucket(text: str, _: Place) -> Piece | None:
    bucket = _source(text)[0]
    return arn_of(bucket, "s3") or (Piece(text=escape(bucket)) if bucket else None)


def _source_key(text: str, _: Place) -> Piece | None:
    # CopySource must be URL-encoded: Amazon S3 API Reference, "CopyObject".
    key = unquote(_source(text)[1])
    return Piece(text=escape(key)) if key else None


def _source_version(text: str, _: Place) -> Piece | None:
    version = text.partition("?versionId=")[2]
    return Piece(text=escape(version)) if version else None


def _bus(text: str, _: Place) -> Piece:
    """EventBridge: a rule of the default bus has no bus in its ARN."""
    name = text.rpartition("/")[2]
    if name == "default":
        return Piece(text="")
    bus = arn_of(text, "events")
    if bus is None:
        return Piece(text=f"{escape(text)}/")
    return Piece(text=bus.text.replace(":event-bus/", ":rule/", 1) + "/", whole=True)


def _group(text: str, _: Place) -> Piece:
    """CloudWatch Logs API reference, "LogGroup": in policies its ARN ends in `:*`."""
    stem = text.removesuffix(":*")
    piece = arn_of(stem, "logs") or Piece(text=escape(stem))
    return Piece(text=f"{piece.text}:*", whole=piece.whole)


def _stem(text: str, _: Place) -> Piece:
    return arn_of(text.removesuffix(":*"), "logs") or Piece(text=escape(text))


def _log_destination(text: str, _: Place) -> Piece | None:
    return arn_of(text, "logs")


def _endpoint(text: str, place: Place) -> Piece | None:
    """Application Auto Scaling API reference, "ResourceId": `endpoint/NAME/variant/VARIANT`."""
    kind, _, rest = text.partition("/")
    return _lower(rest.partition("/")[0], place) if kind == "endpoint" and rest else None


def _subscription(text: str, _: Place) -> Piece | None:
    """Amazon SNS: a subscription's ARN is that of its topic, and an id."""
    topic, colon, _id = text.rpartition(":")
    return arn_of(topic, "sns") if colon else None


def _model(text: str, place: Place) -> Piece | None:
    """Bedrock API reference, "modelId": an ARN, or the ID of a base model or inference profile."""
    if text.startswith("arn:"):
        return arn_of(text, "bedrock")
    if text.partition(".")[0] not in _GEOGRAPHIES:
        return Piece(text=escape(text))
    head = f"arn:{place.partition}:bedrock:{place.region}:{place.account}:inference-profile/"
    return Piece(text=head + escape(text), whole=True)


def _profiled(text: str, _: Place) -> Piece | None:
    """Return the model behind an inference profile; None if no profile is called.

    Bedrock User Guide, "Prerequisites for inference profiles": the model must be allowed as well,
    in each Region of the profile.
    """
    if ":application-inference-profile/" in text:
        return Piece(text=_ANY, doubt="which model the profile is for is not in the call")
    profile = text.rpartition(":inference-profile/")[2]
    geography, _dot, model = profile.partition(".")
    if geography not in _GEOGRAPHIES or not model:
        return None
    return Piece(text=escape(model), doubt="the Regions of the profile are not in the call")


def _owner(text: str, _: Place) -> Piece | None:
    """STS API reference, "TargetPrincipal": the ARN of a member account's root user, or its ID."""
    account = account_of(text) or text
    return Piece(text=account) if is_account_id(account) else None


def _issuer(text: str, _: Place) -> Piece:
    return Piece(text=escape(text.removeprefix("https://")))


def _ec2_kind(text: str, place: Place) -> Piece | None:
    """Amazon EC2 User Guide, "Resource IDs": what a resource is, its id begins with."""
    kind = _EC2_KINDS.get(text.partition("-")[0])
    if kind is None:
        return None
    account = "" if kind in {"image", "snapshot"} else place.account
    head = f"arn:{place.partition}:ec2:{place.region}:{account}:{kind}/"
    return Piece(text=head + escape(text), whole=True)


_EC2_KINDS: Final = MappingProxyType(
    {
        "ami": "image",
        "eni": "network-interface",
        "eipalloc": "elastic-ip",
        "i": "instance",
        "igw": "internet-gateway",
        "key": "key-pair",
        "lt": "launch-template",
        "nat": "natgateway",
        "rtb": "route-table",
        "sg": "security-group",
        "snap": "snapshot",
        "subnet": "subnet",
        "vol": "volume",
        "vpc": "vpc",
        "vpce": "vpc-endpoint",
    }
)

# What the ID of an inference profile across Regions begins with, the model after it.
_GEOGRAPHIES: Final = frozenset({"us", "us-gov", "eu", "apac", "au", "ca", "jp", "global"})

_VERBS: Final = MappingProxyType(
    {
        "select": ("Select", "from"),
        "insert": ("Insert", "into"),
        "update": ("Update", "update"),
        "delete": ("Delete", "from"),
        "exists": ("Select", "from"),
    }
)


def _partiql(text: str, _: Place) -> Piece | None:
    """DynamoDB Developer Guide, "PartiQL for DynamoDB": the verb of a statement."""
    word = text.replace("(", " ").split(maxsplit=1)
    verb = _VERBS.get(word[0].lower()) if word else None
    return Piece(text=verb[0]) if verb else None


def _partiql_table(text: str, _: Place) -> Piece | None:
    words = text.replace("(", " ").split()
    verb = _VERBS.get(words[0].lower()) if words else None
    lowered = [word.lower() for word in words]
    if verb is None or verb[1] not in lowered[:-1]:
        return None
    named = words[lowered.index(verb[1]) + 1]
    table, dot, index = named.replace('"', "").replace("'", "").partition(".")
    return Piece(text=escape(table) + (f"/index/{escape(index)}" if dot else ""))


def _present(text: str, _: Place) -> Piece:
    """Mark an optional part that a colon goes before."""
    return Piece(text=":" + escape(text))


TRANSFORMS: Final[Mapping[str, Transform]] = MappingProxyType(
    {
        "alias": _alias,
        "bus": _bus,
        "ec2_kind": _ec2_kind,
        "endpoint": _endpoint,
        "group": _group,
        "issuer": _issuer,
        "log_destination": _log_destination,
        "model": _model,
        "profiled": _profiled,
        "stem": _stem,
        "subscription": _subscription,
        "text": _plain,
        "lower": _lower,
        "pathed": _pathed,
        "path": _path,
        "function": _function,
        "key": _key,
        "secret": _secret,
        "queue": _queue,
        "owner": _owner,
        "parameter": _parameter,
        "source_bucket": _source_bucket,
        "source_key": _source_key,
        "source_version": _source_version,
        "partiql": _partiql,
        "partiql_table": _partiql_table,
        "qualifier": _present,
    }
)
