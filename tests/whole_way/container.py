"""What SageMaker does around a training container: fills /opt/ml before, and empties it after.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-output.html
"""

import io
import json
import os
import sys
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def lay_out(request: Any, host: str, hosts: Sequence[str], ml: Path, s3: Any) -> None:
    """Make what CreateTrainingJob's request means for one host, in the folder of its /opt/ml."""
    algorithm = request["AlgorithmSpecification"]
    kind = request["ResourceConfig"]["InstanceType"]
    group = "homogeneousCluster"
    told = {
        "hyperparameters": request["HyperParameters"],
        "inputdataconfig": {
            channel["ChannelName"]: {
                "TrainingInputMode": channel.get("InputMode", algorithm["TrainingInputMode"]),
                "S3DistributionType": _source(channel)["S3DataDistributionType"],
                "RecordWrapperType": "None",
            }
            for channel in request["InputDataConfig"]
        },
        "resourceconfig": {
            "current_host": host,
            "current_instance_type": kind,
            "current_group_name": group,
            "hosts": list(hosts),
            "instance_groups": [
                {"instance_group_name": group, "instance_type": kind, "hosts": list(hosts)}
            ],
            # The only one there is between these hosts; SageMaker's is called eth0.
            "network_interface_name": "lo",
        },
    }
    for folder in ("input/config", "input/data", "model", "output/data"):
        (ml / folder).mkdir(parents=True)
    _beneath(ml, request["CheckpointConfig"]["LocalPath"]).mkdir()
    for name, content in told.items():
        (ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content))
    for channel in request["InputDataConfig"]:
        _download(s3, _source(channel), ml / "input" / "data" / channel["ChannelName"])


def environment(request: Any, arn: str, home: Path) -> dict[str, str]:
    """Return the environment in which the container's entrypoint is started.

    Nothing of the tests' own comes in: of the image there are the interpreter, pip and torchrun,
    which the SDK's drivers look for on the PATH; of the machine a core for each host, no GPU.
    """
    return {
        **request.get("Environment", {}),
        "TRAINING_JOB_NAME": request["TrainingJobName"],
        "TRAINING_JOB_ARN": arn,
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }


def upload_folder(s3: Any, folder: Path, bucket: str, prefix: str) -> None:
    for path in _files(folder):
        s3.upload_file(str(path), bucket, f"{prefix}/{path.relative_to(folder).as_posix()}")


def upload_outputs(request: Any, hosts: Iterable[Path], s3: Any) -> str:
    """Put what all hosts left into model.tar.gz and output.tar.gz; return the URI of the first."""
    output = request["OutputDataConfig"]["S3OutputPath"]
    bucket, _, prefix = output.removeprefix("s3://").partition("/")
    own = f"{prefix}/{request['TrainingJobName']}/output"
    left = list(hosts)
    for name, folder in {"output": "output/data", "model": "model"}.items():
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for ml in left:
                for path in _files(ml / folder):
                    archive.add(path, path.relative_to(ml / folder).as_posix())
        s3.put_object(Bucket=bucket, Key=f"{own}/{name}.tar.gz", Body=packed.getvalue())
    return f"s3://{bucket}/{own}/model.tar.gz"


def unpack(s3: Any, uri: str, folder: Path) -> Path:
    """Return the folder, with what stands in the .tar.gz at the URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        packed.extractall(folder, filter="data")
    return folder


def _source(channel: Any) -> Any:
    return channel["DataSource"]["S3DataSource"]


def _download(s3: Any, source: Any, folder: Path) -> None:
    assert source["S3DataType"] == "S3Prefix"
    assert source["S3DataDistributionType"] == "FullyReplicated"
    bucket, _, prefix = source["S3Uri"].removeprefix("s3://").partition("/")
    folder.mkdir()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for item in page.get("Contents", []):
            path = folder / item["Key"].removeprefix(prefix).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, item["Key"], str(path))


def _beneath(ml: Path, path: str) -> Path:
    return ml / os.path.relpath(path, "/opt/ml")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
