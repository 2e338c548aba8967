"""The function as it is deployed: its zip, run by AWS's own runtime client, before an endpoint."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.package import function_zip
from tests.deploy.loopback import RuntimeApi, endpoint, serving

LONE = ("fetch", "inference", "model")


@contextmanager
def lone_modules(model_dir: Path | None = None) -> Iterator[None]:
    """Forget, when the block ends, what was imported from an archive; one thread in it for torch.

    With the folder of an unpacked archive, its code/ is on sys.path until then.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    code = [] if model_dir is None else [str(model_dir / "code")]
    sys.path[:0] = code
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        for path in code:
            sys.path.remove(path)
        for name in LONE:
            sys.modules.pop(name, None)


@contextmanager
def function(model_dir: Path, task: Path) -> Iterator[RuntimeApi]:
    """Run the function in a process of its own, from the folder `task`, until the block ends.

    The endpoint before it serves the model with AWS's toolkit in this process, on loopback:
    model_dir/code has to be on sys.path. The function finds it as boto3 is told to.
    """
    with zipfile.ZipFile(io.BytesIO(function_zip())) as packed:
        packed.extract("lambda_function.py", task)
    api = RuntimeApi()
    with serving(endpoint("dog-breed", model_dir)) as runtime, serving(api.handler()) as address:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": f"http://{runtime}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "ENDPOINT_NAME": "dog-breed",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "lambda_function.lambda_handler"],
            cwd=task,
            env=environment,
        )
        try:
            yield api
        finally:
            process.kill()
            process.wait()
