"""Notebooks, jobs and instances, under one role that may do everything."""

from collections.abc import Iterator
from typing import Final

from deploy.as_written.calls import BUCKET, attach, call, role
from deploy.pipeline import Step, Value, result_of

ROLE: Final = "dog-breed-training"
IMAGE: Final = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-{}:2.6.0-cpu-py312"
AMI: Final = (
    "resolve:ssm:/aws/service/deeplearning/ami/x86_64/"
    "oss-nvidia-driver-gpu-pytorch-2.7-amazon-linux-2023/latest/ami-id"
)

ROLE_ARN: Final = result_of("training-role", "Role.Arn")
_GROUP_ID: Final = result_of("security-group", "GroupId")


def steps() -> Iterator[Step]:
    """Yield a bucket, the role, and what works under it."""
    yield call("bucket", "s3", "CreateBucket", Bucket=BUCKET)
    yield role(
        "training-role",
        ROLE,
        {"Service": "sagemaker.amazonaws.com"},
        Description="Notebook, training and endpoint",
    )
    yield attach("training-role-administrator", ROLE, "AdministratorAccess")
    yield _notebook("notebook", "dog-breed-notebook", "ml.t2.medium")
    yield _notebook(
        "notebook-large", "dog-breed-notebook-large", "ml.m5.4xlarge", VolumeSizeInGB=50
    )
    # SageMaker trains on no ml.t2.
    yield _job(
        "training-on-the-notebook-type", "dog-breed-first-try", "0.001", "ml.t2.medium", count=1
    )
    yield _tuning()
    # Two instances, and nothing that divides the work between them.
    yield _job("training", "dog-breed-training", "0.0034", "ml.m5.xlarge", count=2)
    yield from _instances()


def _notebook(step: str, name: str, instance_type: str, **more: Value) -> Step:
    return call(
        step,
        "sagemaker",
        "CreateNotebookInstance",
        NotebookInstanceName=name,
        InstanceType=instance_type,
        RoleArn=ROLE_ARN,
        DirectInternetAccess="Enabled",
        RootAccess="Enabled",
        **more,
    )


def _job(step: str, name: str, rate: str, instance_type: str, *, count: int) -> Step:
    return call(
        step,
        "sagemaker",
        "CreateTrainingJob",
        TrainingJobName=name,
        AlgorithmSpecification={
            "TrainingImage": IMAGE.format("training"),
            "TrainingInputMode": "File",
        },
        RoleArn=ROLE_ARN,
        HyperParameters={"sagemaker_program": "hpo.py", "lr": rate, "batch-size": "64"},
        **_work("output", instance_type, count=count),
    )


def _tuning() -> Step:
    goal = "average test loss"
    return call(
        "tuning",
        "sagemaker",
        "CreateHyperParameterTuningJob",
        HyperParameterTuningJobName="dog-breed-tuning",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": goal},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": "lr", "MinValue": "0.001", "MaxValue": "0.1"}
                ],
                "CategoricalParameterRanges": [
                    {"Name": "batch-size", "Values": ["32", "64", "128", "256", "512"]}
                ],
            },
        },
        TrainingJobDefinition={
            "StaticHyperParameters": {"sagemaker_program": "hpo.py"},
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE.format("training"),
                "TrainingInputMode": "File",
                "MetricDefinitions": [
                    {"Name": goal, "Regex": r"Test set: Average loss: ([0-9\.]+)"}
                ],
            },
            "RoleArn": ROLE_ARN,
            **_work("tuning", "ml.m5.xlarge", count=1),
        },
    )


def _work(output: str, instance_type: str, *, count: int) -> dict[str, Value]:
    images = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{BUCKET}/dogImages/training",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {
        "InputDataConfig": [{"ChannelName": "training", "DataSource": {"S3DataSource": images}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{output}"},
        "ResourceConfig": {
            "InstanceType": instance_type,
            "InstanceCount": count,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
    }


def _instances() -> Iterator[Step]:
    yield call(
        "security-group",
        "ec2",
        "CreateSecurityGroup",
        GroupName="dog-breed-ssh",
        Description="SSH from anywhere",
    )
    anyone: Value = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
    yield call(
        "security-group-ssh",
        "ec2",
        "AuthorizeSecurityGroupIngress",
        GroupId=_GROUP_ID,
        IpPermissions=[anyone],
    )
    yield _instance("instance-micro", "dog-breed-ec2", "t2.micro")
    yield _instance("instance-large", "dog-breed-ec2-large", "g4dn.4xlarge")


def _instance(step: str, name: str, instance_type: str) -> Step:
    disk: Value = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 45, "VolumeType": "gp3"}}
    tags: Value = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}
    return call(
        step,
        "ec2",
        "RunInstances",
        ImageId=AMI,
        InstanceType=instance_type,
        MinCount=1,
        MaxCount=1,
        BlockDeviceMappings=[disk],
        SecurityGroupIds=[_GROUP_ID],
        TagSpecifications=[tags],
    )
