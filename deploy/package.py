"""Packs what is deployed: model.tar.gz for the endpoint, function.zip for the Lambda function.

    python -m deploy.package --model-dir model -o model.tar.gz
    python -m deploy.package --lambda -o function.zip

The same files give the same bytes on any day, whoever packs them: dates, owners, modes and order
are fixed. So what is deployed can be held against the checkout by its hash alone.
"""

import argparse
import gzip
import hashlib
import io
import stat
import sys
import tarfile
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

_HERE: Final = Path(__file__).parent
MODEL_CODE: Final = _HERE.parent / "training" / "model.py"
FUNCTION_CODE: Final = _HERE / "lambda_function.py"

# Whoever runs the function or the container must be able to read the files: "Your Lambda function
# needs global read permissions", https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
_MODE: Final = 0o644
# The earliest date that a zip can hold, and its word for "made on Unix", where modes count.
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
_ZIP_UNIX: Final = 3


class PackageError(Exception):
    """A file that must be packed is not there."""


def model_members(model_dir: Path, *, model_code: Path = MODEL_CODE) -> Mapping[str, Path]:
    """Return where each member of the archive comes from, in the layout that SageMaker unpacks.

    https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html
    """
    return {
        "model.pth": model_dir / "model.pth",
        "config.json": model_dir / "config.json",
        "code/inference.py": _HERE / "inference.py",
        "code/fetch.py": _HERE / "fetch.py",
        "code/model.py": model_code,
        "code/requirements.txt": _HERE / "requirements.txt",
    }


def write_archive(out: Path, members: Mapping[str, Path]) -> None:
    """Write a .tar.gz of the members, whole or not at all."""
    _must_exist(members)
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.new")
    try:
        with beside.open("wb") as file:
            _pack(file, members)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def function_zip(code: Path = FUNCTION_CODE) -> bytes:
    """Return the deployment package of the function; boto3 comes with the runtime.

    Stored, not compressed: what compressed bytes look like depends on the machine's zlib.
    """
    _must_exist({code.name: code})
    member = zipfile.ZipInfo(code.name, _ZIP_DATE)
    member.create_system = _ZIP_UNIX
    member.external_attr = (stat.S_IFREG | _MODE) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(member, code.read_bytes())
    return packed.getvalue()


def code_sha256(package: bytes) -> str:
    """Return the hash of a zip as Lambda writes it (CodeSha256): base64, not hexadecimal.

    https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
    """
    return b64encode(hashlib.sha256(package).digest()).decode("ascii")


def _pack(file: BinaryIO, members: Mapping[str, Path]) -> None:
    # The name in gzip's header would be that of the temporary file.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(members):
            member = tarfile.TarInfo(name)  # owner 0, no owner's name, date 0
            member.mode = _MODE
            member.size = members[name].stat().st_size
            with members[name].open("rb") as content:
                archive.addfile(member, content)


def _must_exist(members: Mapping[str, Path]) -> None:
    missing = [str(path) for path in members.values() if not path.is_file()]
    if missing:
        raise PackageError(f"{', '.join(missing)}: no such file: train first, or name its folder")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the package that the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.package",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--model-dir", type=Path, metavar="DIR", help="pack the model.pth and config.json in there"
    )
    what.add_argument(
        "--lambda", action="store_true", dest="function", help="pack the Lambda function"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--model-code",
        type=Path,
        default=MODEL_CODE,
        metavar="FILE",
        help="the module that defines the network (training/model.py)",
    )
    given = parser.parse_args(arguments)
    try:
        if given.function:
            packed = function_zip()
            given.out.write_bytes(packed)
            print(f"{given.out}: CodeSha256 {code_sha256(packed)}")
        else:
            write_archive(given.out, model_members(given.model_dir, model_code=given.model_code))
            print(given.out)
    except (OSError, PackageError) as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
