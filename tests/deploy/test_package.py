"""Packages are the same bytes on any day, and hold what is run and nothing else."""

import base64
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.package import (
    FUNCTION_CODE,
    PackageError,
    code_sha256,
    function_zip,
    main,
    model_members,
    write_archive,
)

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with model.pth, config.json and the network's module."""
    made = tmp_path / "made"
    made.mkdir()
    (made / "model.pth").write_bytes(bytes(range(256)) * 100)
    (made / "config.json").write_text("{}")
    (made / "model.py").write_text("")
    return made


def pack(folder: Path, out: Path) -> bytes:
    write_archive(out, model_members(folder, model_code=folder / "model.py"))
    return out.read_bytes()


def test_the_archive_has_the_layout_that_sagemaker_unpacks(folder: Path, tmp_path: Path) -> None:
    content = pack(folder, tmp_path / "model.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert archive.getnames() == [
            "code/fetch.py",
            "code/inference.py",
            "code/model.py",
            "code/requirements.txt",
            "config.json",
            "model.pth",
        ]
        for member in archive.getmembers():
            assert (member.mtime, member.mode, member.isreg()) == (0, 0o644, True)
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
        packed = archive.extractfile("model.pth")
        assert packed is not None
        assert packed.read() == (folder / "model.pth").read_bytes()


def test_dates_modes_and_names_leave_no_trace_in_the_archive(folder: Path, tmp_path: Path) -> None:
    first = pack(folder, tmp_path / "model.tar.gz")
    for path in folder.iterdir():
        path.chmod(0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    assert pack(folder, tmp_path / "elsewhere" / "other.tar.gz") == first


def test_gzip_names_neither_file_nor_moment(folder: Path, tmp_path: Path) -> None:
    content = pack(folder, tmp_path / "model.tar.gz")
    assert content[3] == 0, "no flags: no file name"
    assert content[4:8] == bytes(4), "no date"
    assert gzip.decompress(content)


def test_what_is_missing_is_named_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(PackageError, match=r"config\.json: no such file"):
        pack(folder, tmp_path / "model.tar.gz")
    assert list(tmp_path.iterdir()) == [folder]


def test_an_archive_that_fails_half_way_leaves_the_old_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model.tar.gz"
    old = pack(folder, out)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(tarfile.TarFile, "addfile", fail)
    with pytest.raises(OSError, match="no space"):
        pack(folder, out)
    assert out.read_bytes() == old
    assert sorted(tmp_path.iterdir()) == [folder, out]


def test_the_zip_holds_the_function_readable_by_all_with_fixed_dates() -> None:
    with zipfile.ZipFile(io.BytesIO(function_zip())) as archive:
        (member,) = archive.infolist()
        assert archive.testzip() is None
        assert archive.read(member) == FUNCTION_CODE.read_bytes()
    assert member.filename == "lambda_function.py"
    assert member.date_time == (1980, 1, 1, 0, 0, 0)
    assert (member.create_system, member.external_attr >> 16) == (3, 0o100644)


def test_the_zip_is_the_same_whatever_the_files_date(tmp_path: Path) -> None:
    copy = tmp_path / "lambda_function.py"
    copy.write_bytes(FUNCTION_CODE.read_bytes())
    os.utime(copy, (2_000_000_000, 2_000_000_000))
    copy.chmod(0o600)
    assert function_zip(copy) == function_zip()


def test_the_hash_is_written_as_lambda_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3")
    moto = pytest.importorskip("moto", reason="the demo extra is not installed")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws(config={"lambda": {"use_docker": False}}):
        iam = boto3.client("iam", region_name="us-east-1")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        function = boto3.client("lambda", region_name="us-east-1").create_function(
            FunctionName="f",
            Runtime="python3.12",
            Role=role,
            Handler="lambda_function.lambda_handler",
            Code={"ZipFile": function_zip()},
        )
    expected = base64.b64encode(hashlib.sha256(function_zip()).digest()).decode()
    assert function["CodeSha256"] == code_sha256(function_zip()) == expected


def test_the_command_packs_the_function(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "function.zip"
    assert main(["--lambda", "-o", str(out)]) == 0
    assert out.read_bytes() == function_zip()
    assert code_sha256(function_zip()) in capsys.readouterr().out


def test_the_command_packs_the_model(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.tar.gz"
    options = ["--model-dir", str(folder), "--model-code", str(folder / "model.py")]
    assert main([*options, "-o", str(out)]) == 0
    assert out.read_bytes() == pack(folder, tmp_path / "again.tar.gz")


def test_the_command_says_in_a_line_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model-dir", str(tmp_path), "-o", str(tmp_path / "m.tar.gz")]) == 1
    told = capsys.readouterr().err
    assert told.startswith("package: ")
    assert told.count("\n") == 1


def test_the_command_loads_neither_torch_nor_boto3() -> None:
    code = "import sys, deploy.package; print({'torch', 'boto3', 'PIL'} & sys.modules.keys())"
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "set()\n"
