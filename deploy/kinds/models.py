"""Notebooks, jobs, models, endpoints and their scaling: what SageMaker is paid for."""

from collections.abc import Mapping
from typing import Final

from deploy.kind import Call, Cost, Kind, Priced, Read, Update, Wait

_NOTEBOOK: Final[Mapping[str, str]] = {"NotebookInstanceName": "asked.NotebookInstanceName"}
_LIFECYCLE: Final[Mapping[str, str]] = {
    "NotebookInstanceLifecycleConfigName": "asked.NotebookInstanceLifecycleConfigName"
}
_MODEL: Final[Mapping[str, str]] = {"ModelName": "asked.ModelName"}
_CONFIG: Final[Mapping[str, str]] = {"EndpointConfigName": "asked.EndpointConfigName"}
_ENDPOINT: Final[Mapping[str, str]] = {"EndpointName": "asked.EndpointName"}
_TARGET: Final[Mapping[str, str]] = {
    "ServiceNamespace": "asked.ServiceNamespace",
    "ResourceId": "asked.ResourceId",
    "ScalableDimension": "asked.ScalableDimension",
}


def _describe(operation: str, parameters: Mapping[str, str]) -> Read:
    return Read(service="sagemaker", operation=operation, parameters=parameters)


def _job(noun: str, name: str, status: str) -> Kind:
    """Return a kind of job: a record once it has ended, stopped if it has not."""
    parameters = {f"{name}Name": f"asked.{name}Name"}
    return Kind(
        noun=noun,
        name=f"asked.{name}Name",
        find=_describe(f"Describe{name}", parameters),
        fields={"TrainingJobDefinition": "", "AlgorithmSpecification": ""},
        wait=Wait(
            status=f"found.{status}",
            making=frozenset({"InProgress", "Stopping", "Deleting"}),
            failed=frozenset({"Failed", "Stopped", "DeleteFailed"}),
        ),
        delete=(
            Call(
                operation=f"Stop{name}",
                parameters=parameters,
                when=f"found.{status} == 'InProgress'",
            ),
        ),
        cost=Cost.NOTHING,
    )


KINDS: Final[Mapping[str, Kind]] = {
    "sagemaker:CreateNotebookInstanceLifecycleConfig": Kind(
        noun="notebook lifecycle config",
        name="asked.NotebookInstanceLifecycleConfigName",
        find=_describe("DescribeNotebookInstanceLifecycleConfig", _LIFECYCLE),
        updates=(
            Update(
                fields=frozenset({"OnCreate", "OnStart"}),
                calls=(
                    Call(
                        operation="UpdateNotebookInstanceLifecycleConfig",
                        parameters={
                            **_LIFECYCLE,
                            "OnCreate?": "asked.OnCreate",
                            "OnStart?": "asked.OnStart",
                        },
                    ),
                ),
            ),
        ),
        delete=(Call(operation="DeleteNotebookInstanceLifecycleConfig", parameters=_LIFECYCLE),),
    ),
    "sagemaker:CreateNotebookInstance": Kind(
        noun="notebook",
        name="asked.NotebookInstanceName",
        find=_describe("DescribeNotebookInstance", _NOTEBOOK),
        fields={
            "LifecycleConfigName": "found.NotebookInstanceLifecycleConfigName",
            "SecurityGroupIds": "found.SecurityGroups",
        },
        updates=(
            # "UpdateNotebookInstance: the notebook instance must be stopped":
            # https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-root-access.html
            Update(
                fields=frozenset(
                    {
                        "InstanceMetadataServiceConfiguration",
                        "InstanceType",
                        "LifecycleConfigName",
                        "RoleArn",
                        "RootAccess",
                        "VolumeSizeInGB",
                    }
                ),
                calls=(
                    Call(
                        operation="UpdateNotebookInstance",
                        parameters={
                            **_NOTEBOOK,
                            "InstanceMetadataServiceConfiguration?": (
                                "asked.InstanceMetadataServiceConfiguration"
                            ),
                            "InstanceType?": "asked.InstanceType",
                            "LifecycleConfigName?": "asked.LifecycleConfigName",
                            "RoleArn?": "asked.RoleArn",
                            "RootAccess?": "asked.RootAccess",
                            "VolumeSizeInGB?": "asked.VolumeSizeInGB",
                        },
                    ),
                ),
                only_in=frozenset({"Stopped", "Failed"}),
                cure="a notebook is changed while it is stopped: save your work, stop it",
            ),
        ),
        # A notebook that stopped itself is what its lifecycle config is for: it is left so.
        wait=Wait(
            status="found.NotebookInstanceStatus",
            making=frozenset({"Pending", "Stopping", "Updating", "Deleting"}),
        ),
        delete=(
            Call(
                operation="StopNotebookInstance",
                parameters=_NOTEBOOK,
                when="found.NotebookInstanceStatus == 'InService'",
            ),
            Call(operation="DeleteNotebookInstance", parameters=_NOTEBOOK),
        ),
        cost=Priced(
            items="""[
              found.NotebookInstanceStatus != 'Stopped' &&
                {component: 'Notebook', type: found.InstanceType, count: `1`} || null,
              {component: 'SageMaker storage', type: 'gp2', count: found.VolumeSizeInGB}
            ][?@]"""
        ),
    ),
    "sagemaker:CreateTrainingJob": _job("training job", "TrainingJob", "TrainingJobStatus"),
    "sagemaker:CreateHyperParameterTuningJob": _job(
        "tuning job", "HyperParameterTuningJob", "HyperParameterTuningJobStatus"
    ),
    "sagemaker:CreateModel": Kind(
        noun="model",
        name="asked.ModelName",
        find=_describe("DescribeModel", _MODEL),
        delete=(Call(operation="DeleteModel", parameters=_MODEL),),
    ),
    "sagemaker:CreateEndpointConfig": Kind(
        noun="endpoint config",
        name="asked.EndpointConfigName",
        find=_describe("DescribeEndpointConfig", _CONFIG),
        delete=(Call(operation="DeleteEndpointConfig", parameters=_CONFIG),),
    ),
    "sagemaker:CreateEndpoint": Kind(
        noun="endpoint",
        name="asked.EndpointName",
        find=_describe("DescribeEndpoint", _ENDPOINT),
        fields={"DeploymentConfig": ""},
        updates=(
            Update(
                fields=frozenset({"EndpointConfigName"}),
                calls=(
                    Call(
                        operation="UpdateEndpoint",
                        parameters={
                            **_ENDPOINT,
                            "EndpointConfigName": "asked.EndpointConfigName",
                            "DeploymentConfig?": "asked.DeploymentConfig",
                        },
                    ),
                ),
            ),
        ),
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
        wait=Wait(
            status="found.EndpointStatus",
            making=frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}),
            failed=frozenset({"Failed", "OutOfService", "UpdateRollbackFailed"}),
        ),
        delete=(Call(operation="DeleteEndpoint", parameters=_ENDPOINT),),
        cost=Priced(
            # At the instances that it starts with: what scaling adds is the load's price.
            read=Read(
                service="sagemaker",
                operation="DescribeEndpointConfig",
                parameters={"EndpointConfigName": "found.EndpointConfigName"},
            ),
            items="""read.ProductionVariants[].{
              component: 'Hosting', type: InstanceType, count: InitialInstanceCount
            }""",
        ),
    ),
    "application-autoscaling:RegisterScalableTarget": Kind(
        noun="scaling target",
        name="asked.ResourceId",
        find=Read(
            service="application-autoscaling",
            operation="DescribeScalableTargets",
            parameters={
                "ServiceNamespace": "asked.ServiceNamespace",
                "ResourceIds": "[asked.ResourceId]",
                "ScalableDimension": "asked.ScalableDimension",
            },
            at="ScalableTargets[0]",
        ),
        answer="{ScalableTargetARN: found.ScalableTargetARN}",
        upsert=True,
        delete=(Call(operation="DeregisterScalableTarget", parameters=_TARGET),),
    ),
    "application-autoscaling:PutScalingPolicy": Kind(
        noun="scaling policy",
        name="join('/', [asked.ResourceId, asked.PolicyName])",
        find=Read(
            service="application-autoscaling",
            operation="DescribeScalingPolicies",
            parameters={
                "PolicyNames": "[asked.PolicyName]",
                "ServiceNamespace": "asked.ServiceNamespace",
                "ResourceId": "asked.ResourceId",
                "ScalableDimension": "asked.ScalableDimension",
            },
            at="ScalingPolicies[0]",
        ),
        answer="{PolicyARN: found.PolicyARN, Alarms: found.Alarms}",
        upsert=True,
        delete=(
            Call(
                operation="DeleteScalingPolicy",
                parameters={**_TARGET, "PolicyName": "asked.PolicyName"},
            ),
        ),
    ),
}
