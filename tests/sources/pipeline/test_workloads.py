"""What the calls of a plan make: jobs, endpoints, scaling, functions, instances."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from mlguard.resources.functions import (
    EventSource,
    Function,
    FunctionAlias,
    FunctionPolicy,
    FunctionUrl,
    FunctionVersion,
    ProvisionedConcurrency,
)
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.instances import Image, Instance, SecurityGroup, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.scaling import Alarm, ScalableTarget, ScalingPolicy, ScheduledAction
from mlguard.resources.tags import TagSet
from tests.sources.pipeline.plans import (
    ACCOUNT,
    CONFIG,
    ENDPOINT,
    FUNCTION,
    NOW,
    REGION,
    REGISTER,
    ROLE,
    ROLE_ARN,
    TARGET,
    plan,
    step,
)


def test_jobs_models_and_endpoints_are_read() -> None:
    training = {
        "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
        "RoleArn": ROLE_ARN,
        "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
    }
    limits = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    snapshot = plan(
        ROLE,
        step("training", "sagemaker:CreateTrainingJob", TrainingJobName="T", **training),
        step(
            "tuning",
            "sagemaker:CreateHyperParameterTuningJob",
            HyperParameterTuningJobName="t",
            HyperParameterTuningJobConfig={"Strategy": "Random", "ResourceLimits": limits},
            TrainingJobDefinition=training,
        ),
        step(
            "processing",
            "sagemaker:CreateProcessingJob",
            ProcessingJobName="p",
            ProcessingResources={"ClusterConfig": cluster},
            AppSpecification={"ImageUri": "i"},
            RoleArn=ROLE_ARN,
        ),
        step(
            "transform",
            "sagemaker:CreateTransformJob",
            TransformJobName="x",
            ModelName="dogs",
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        ),
        step("model", "sagemaker:CreateModel", ModelName="dogs", PrimaryContainer={"Image": "i"}),
        CONFIG,
        ENDPOINT,
    )
    (job,) = snapshot.of(TrainingJob)
    assert job.arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/t"
    assert (job.spec.max_runtime_s, job.spec.spot) == (86400, False)
    kinds = (TuningJob, ProcessingJob, TransformJob, Model, EndpointConfig)
    assert [len(snapshot.of(kind)) for kind in kinds] == [1] * len(kinds)
    (endpoint,) = snapshot.of(Endpoint)
    assert (endpoint.config_name, endpoint.status) == ("dogs", "InService")
    assert [(one.name, one.current_count) for one in endpoint.variants] == [("all", 2)]
    assert snapshot.gaps == ()


def test_scaling_is_read_and_a_target_registered_again_keeps_its_other_bound() -> None:
    tracking = {"TargetValue": 70.0}
    snapshot = plan(
        REGISTER,
        step("more", "application-autoscaling:RegisterScalableTarget", MaxCapacity=5, **TARGET),
        step(
            "policy",
            "application-autoscaling:PutScalingPolicy",
            PolicyName="p",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
            **TARGET,
        ),
        step(
            "night",
            "application-autoscaling:PutScheduledAction",
            ScheduledActionName="night",
            Schedule="cron(0 22 * * ? *)",
            StartTime="2026-12-01T00:00:00Z",
            ScalableTargetAction={"MinCapacity": 0},
            **TARGET,
        ),
        step(
            "alarm",
            "cloudwatch:PutMetricAlarm",
            AlarmName="a",
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            AlarmActions=[{"$step": "policy", "$result": "PolicyARN"}],
        ),
    )
    (target,) = snapshot.of(ScalableTarget)
    assert (target.min_capacity, target.max_capacity) == (1, 5)
    (policy,) = snapshot.of(ScalingPolicy)
    assert policy.target_value == 70.0
    (action,) = snapshot.of(ScheduledAction)
    assert action.start_at == datetime(2026, 12, 1, tzinfo=UTC)
    (alarm,) = snapshot.of(Alarm)
    assert alarm.actions_enabled
    assert alarm.alarm_actions == (policy.arn,)


def test_a_function_has_its_defaults_its_version_and_its_concurrency() -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dogs"
    version = {"$step": "version", "$result": "Version"}
    snapshot = plan(
        ROLE,
        FUNCTION,
        step("version", "lambda:PublishVersion", FunctionName="dogs"),
        step("alias", "lambda:CreateAlias", FunctionName=arn, Name="live", FunctionVersion=version),
        step(
            "five",
            "lambda:PutFunctionConcurrency",
            FunctionName="dogs",
            ReservedConcurrentExecutions=5,
        ),
        step(
            "warm",
            "lambda:PutProvisionedConcurrencyConfig",
            FunctionName="dogs:live",
            ProvisionedConcurrentExecutions=1,
        ),
        step("url", "lambda:CreateFunctionUrlConfig", FunctionName="dogs", AuthType="NONE"),
        step(
            "queue",
            "lambda:CreateEventSourceMapping",
            FunctionName=f"{ACCOUNT}:function:dogs:live",
            EventSourceArn="arn:aws:sqs:us-east-1:123456789012:q",
            Enabled=False,
        ),
    )
    (function,) = snapshot.of(Function)
    assert (function.timeout_s, function.memory_mb, function.tracing) == (3, 128, "PassThrough")
    assert (function.reserved_concurrency, function.last_modified_at) == (5, NOW)
    assert function.code_sha256 == b64encode(sha256(b"PK\x05").digest()).decode()
    (published,) = snapshot.of(FunctionVersion)
    assert (published.arn, published.version) == (f"{arn}:1", "1")
    (alias,) = snapshot.of(FunctionAlias)
    assert (alias.function_arn, alias.version) == (arn, "1")
    (warm,) = snapshot.of(ProvisionedConcurrency)
    assert (warm.qualifier, warm.requested, warm.status) == ("live", 1, "READY")
    (url,) = snapshot.of(FunctionUrl)
    assert (url.arn, url.auth_type) == (arn, "NONE")
    (source,) = snapshot.of(EventSource)
    assert (source.qualifier, source.state) == ("live", "Disabled")


@pytest.mark.parametrize(
    ("given", "principal", "condition"),
    [
        ({"Principal": "*"}, "*", None),
        ({"Principal": "999999999999"}, {"AWS": "arn:aws:iam::999999999999:root"}, None),
        ({"Principal": ROLE_ARN}, {"AWS": ROLE_ARN}, None),
        (
            {"Principal": "s3.amazonaws.com", "SourceArn": "arn:b", "SourceAccount": ACCOUNT},
            {"Service": "s3.amazonaws.com"},
            {
                "ArnLike": {"AWS:SourceArn": "arn:b"},
                "StringEquals": {"AWS:SourceAccount": ACCOUNT},
            },
        ),
        (
            {"Principal": "*", "FunctionUrlAuthType": "NONE"},
            "*",
            {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        ),
    ],
)
def test_a_permission_is_the_statement_that_aws_writes(
    given: dict[str, str], principal: object, condition: object
) -> None:
    def add(sid: str, **more: str) -> dict[str, Any]:
        common = {"FunctionName": "dogs", "StatementId": sid, "Action": "lambda:InvokeFunction"}
        return step(sid, "lambda:AddPermission", **common, **more)

    other = add("two", Principal="s3.amazonaws.com", Qualifier="live")
    snapshot = plan(ROLE, FUNCTION, add("one", **given), other)
    bare, qualified = snapshot.of(FunctionPolicy)
    assert qualified.qualifier == "live"
    (statement,) = json.loads(bare.document)["Statement"]
    assert (statement["Sid"], statement["Principal"]) == ("one", principal)
    assert statement.get("Condition") == condition
    assert statement["Resource"] == bare.function_arn


def test_an_instance_comes_with_its_group_its_volume_and_its_image() -> None:
    ami = "/aws/service/deeplearning/ami/x86_64/oss-gpu-pytorch/latest/ami-id"
    snapshot = plan(
        step("group", "ec2:CreateSecurityGroup", GroupName="g", Description="d"),
        step(
            "ssh",
            "ec2:AuthorizeSecurityGroupIngress",
            GroupId={"$step": "group", "$result": "GroupId"},
            IpProtocol="tcp",
            FromPort=22,
            ToPort=22,
            CidrIp="0.0.0.0/0",
        ),
        step(
            "host",
            "ec2:RunInstances",
            ImageId=f"resolve:ssm:{ami}",
            InstanceType="t2.micro",
            MinCount=1,
            MaxCount=2,
            SecurityGroupIds=[{"$step": "group", "$result": "GroupId"}],
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 45}}],
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "host"}]}
            ],
        ),
        step("data", "ec2:CreateVolume", AvailabilityZone="us-east-1a", Size=9, Encrypted=True),
    )
    first, second = snapshot.of(Instance)
    assert first.arn != second.arn
    assert (first.name, first.state, first.imdsv2_required) == ("host", "running", False)
    (group,) = snapshot.of(SecurityGroup)
    assert first.security_groups == (group.arn.rpartition("/")[2],)
    assert [(rule.from_port, rule.cidrs) for rule in group.ingress] == [(22, ("0.0.0.0/0",))]
    (image,) = snapshot.of(Image)
    assert image.arn.endswith(first.image_id)
    assert "Deep Learning" in image.name
    sizes = sorted(
        (one.size_gb, one.encrypted, one.attached_to != ()) for one in snapshot.of(Volume)
    )
    assert sizes == [(9, True, False), (45, False, True), (45, False, True)]


def test_an_instance_has_the_devices_of_an_image_that_the_plan_registers() -> None:
    mapping = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "VolumeType": "gp3"}}
    snapshot = plan(
        step(
            "image",
            "ec2:RegisterImage",
            Name="Deep Learning AMI",
            Architecture="x86_64",
            RootDeviceName="/dev/xvda",
            BlockDeviceMappings=[mapping],
        ),
        step(
            "host",
            "ec2:RunInstances",
            ImageId={"$step": "image", "$result": "ImageId"},
            MinCount=1,
            MaxCount=1,
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}],
        ),
    )
    (volume,) = snapshot.of(Volume)
    assert (volume.size_gb, volume.volume_type, volume.encrypted) == (30, "gp3", True)
    (image,) = snapshot.of(Image)
    assert image.root_snapshot_gb == 30


def test_tags_of_sagemaker_stand_apart_from_what_has_them() -> None:
    tags = [{"Key": "owner", "Value": "ada"}]
    model = {"ExecutionRoleArn": ROLE_ARN, "PrimaryContainer": {"Image": "i"}}
    snapshot = plan(
        ROLE,
        step("dogs", "sagemaker:CreateModel", ModelName="Dogs", Tags=tags, **model),
        step("cats", "sagemaker:CreateModel", ModelName="cats", Tags=[], **model),
    )
    (found,) = snapshot.of(TagSet)
    (tagged,) = (one for one in snapshot.of(Model) if one.name == "Dogs")
    assert (found.arn, found.tags) == (tagged.arn, {"owner": "ada"})
    assert "TagSet" in snapshot.covers
