"""The recorder: each call of the test itself, by whatever way it is made, and no other."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

moto = pytest.importorskip("moto")

import boto3  # noqa: E402  # moto is an extra
from botocore import signers  # noqa: E402
from botocore.client import BaseClient  # noqa: E402
from botocore.endpoint import Endpoint  # noqa: E402

from tests.pytest_plugin.project import run, run_apart  # noqa: E402
from tests.pytest_plugin.recording import MOTO, READ, READS, make, section, with_policy  # noqa: E402

pytest_plugins = ("pytester",)

CALLED = """
def called(recorder):
    return [(call.name, call.parameters.get("Key")) for call in recorder.calls]
"""


def passes(pytester: pytest.Pytester, tests: str, **counts: int) -> pytest.RunResult:
    (pytester.path / "pytest.ini").write_text("[pytest]\n")
    (pytester.path / "test_own.py").write_text(MOTO + CALLED + tests)
    result = run(pytester, "-W", "error::pytest.PytestWarning", "--strict-markers")
    result.assert_outcomes(**(counts or {"passed": 1}))
    return result


def test_only_the_test_itself_is_recorded(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        "@pytest.fixture\n"
        "def uploaded(mlguard_recorder):\n"
        "    boto3.client('s3').put_object(Bucket='notes', Key='b', Body=b'b')\n"
        "    yield\n"
        "    boto3.client('s3').get_object(Bucket='notes', Key='b')\n"
        "    assert called(mlguard_recorder) == [('s3.GetObject', 'a')]\n\n\n"
        "def test_one(mlguard_recorder, uploaded):\n"
        "    assert mlguard_recorder.calls == ()\n"
        "    boto3.client('s3').get_object(Bucket='notes', Key='a')\n",
    )


def test_every_way_to_call_is_seen(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        "import io\n\n"
        "@pytest.fixture\n"
        "def made_before(aws):\n"
        "    return boto3.client('s3')\n\n\n"
        "def test_one(made_before, mlguard_recorder):\n"
        "    made_before.get_object(Bucket='notes', Key='a')\n"
        "    boto3.resource('s3').Object('notes', 'a').load()\n"
        "    list(made_before.get_paginator('list_objects_v2').paginate(Bucket='notes'))\n"
        "    made_before.get_waiter('object_exists').wait(Bucket='notes', Key='a')\n"
        "    made_before.upload_fileobj(io.BytesIO(b'c'), 'notes', 'c')\n"
        "    made_before.generate_presigned_url('get_object', {'Bucket': 'notes', 'Key': 'u'})\n"
        "    made_before.generate_presigned_post('notes', 'p')\n"
        "    assert called(mlguard_recorder) == [\n"
        "        ('s3.GetObject', 'a'),\n"
        "        ('s3.HeadObject', 'a'),\n"
        "        ('s3.ListObjectsV2', None),\n"
        "        ('s3.HeadObject', 'a'),\n"
        "        ('s3.PutObject', 'c'),\n"
        "        ('s3.GetObject', 'u'),\n"
        "        ('s3.PutObject', 'p'),\n"
        "    ]\n",
    )


def test_a_call_that_fails_was_called_and_one_that_was_never_sent_was_not(
    pytester: pytest.Pytester,
) -> None:
    passes(
        pytester,
        "from botocore.exceptions import ClientError, ParamValidationError\n\n"
        "def test_one(mlguard_recorder):\n"
        "    with pytest.raises(ClientError):\n"
        "        boto3.client('s3').get_object(Bucket='notes', Key='absent')\n"
        "    with pytest.raises(ParamValidationError):\n"
        "        boto3.client('s3').get_object(Bucket='notes', Kay='a')\n"
        "    assert called(mlguard_recorder) == [('s3.GetObject', 'absent')]\n",
    )


def test_bodies_are_neither_read_nor_kept(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        "import io\n\n"
        "def test_one(mlguard_recorder):\n"
        "    s3 = boto3.client('s3')\n"
        "    s3.put_object(Bucket='notes', Key='b', Body=io.BytesIO(b'secret'))\n"
        "    s3.put_object(Bucket='notes', Key='c', Body=b'secret', Metadata={'k': 's' * 9000})\n"
        "    assert s3.get_object(Bucket='notes', Key='b')['Body'].read() == b'secret'\n"
        "    stream, data, _ = mlguard_recorder.calls\n"
        "    assert stream.parameters['Body'] == data.parameters['Body'] == {'$base64': ''}\n"
        "    assert data.parameters['Metadata'] == {'k': {'$base64': ''}}\n",
    )


def test_botocore_is_left_as_it_was(pytester: pytest.Pytester) -> None:
    made = boto3.client("s3", region_name="us-east-1")
    before = [
        *(vars(BaseClient)["_make_api_call"], vars(Endpoint)["_send"]),
        *(signers.generate_presigned_url, signers.generate_presigned_post),
        *(type(made).generate_presigned_url, type(made).generate_presigned_post),
    ]
    result = passes(
        pytester,
        "kept = []\n\n"
        "def test_one(mlguard_recorder):\n"
        "    kept.append(boto3.client('s3'))\n"
        "    assert hasattr(kept[0].generate_presigned_url, '__wrapped__')\n\n\n"
        "def test_two():\n"
        "    assert not hasattr(kept[0].generate_presigned_url, '__wrapped__')\n",
        passed=2,
    )
    assert result.ret == pytest.ExitCode.OK
    after = [
        *(vars(BaseClient)["_make_api_call"], vars(Endpoint)["_send"]),
        *(signers.generate_presigned_url, signers.generate_presigned_post),
        *(type(made).generate_presigned_url, type(made).generate_presigned_post),
    ]
    assert all(one is another for one, another in zip(before, after, strict=True))


def test_a_run_inside_a_recorded_test_takes_nothing_from_it(
    pytester: pytest.Pytester,
) -> None:
    passes(
        pytester,
        "from mlguard_pytest.recorder import Recorder\n\n"
        "def test_one(mlguard_recorder):\n"
        "    with Recorder().on() as inner:\n"
        "        boto3.client('s3').get_object(Bucket='notes', Key='a')\n"
        "    boto3.client('s3').head_object(Bucket='notes', Key='a')\n"
        "    assert called(inner) == [('s3.GetObject', 'a')]\n"
        "    assert called(mlguard_recorder) == [('s3.GetObject', 'a'), ('s3.HeadObject', 'a')]\n",
    )


def test_the_threads_of_a_test_are_recorded_with_it(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        "from concurrent.futures import ThreadPoolExecutor\n\n"
        "def test_one(mlguard_recorder):\n"
        "    s3 = boto3.client('s3')\n"
        "    get = lambda _: s3.get_object(Bucket='notes', Key='a')\n"
        "    with ThreadPoolExecutor(8) as pool:\n"
        "        list(pool.map(get, range(40)))\n"
        "    assert called(mlguard_recorder) == [('s3.GetObject', 'a')] * 40\n",
    )


def test_what_mlguard_reads_for_a_test_is_no_call_of_the_test(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        "@pytest.fixture\n"
        "def mlguard_session(aws):\n"
        "    return boto3.Session(region_name='us-east-1')\n\n\n"
        "def test_one(mlguard, mlguard_recorder):\n"
        "    assert mlguard.snapshot.accounts\n"
        "    assert mlguard_recorder.calls == ()\n",
    )


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """An endpoint on loopback that answers every call with nothing."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_call_that_leaves_the_process_is_warned_about(
    pytester: pytest.Pytester, elsewhere: str
) -> None:
    make(
        pytester,
        "@record\n"
        "def test_read():\n"
        f"    s3 = boto3.client('s3', endpoint_url='{elsewhere}')\n"
        "    s3.get_object(Bucket='notes', Key='a')\n"
        "    boto3.client('s3').get_object(Bucket='notes', Key='a')\n",
        with_policy(READS),
    )
    result = run(pytester, "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    host = elsewhere.removeprefix("http://")
    result.stdout.fnmatch_lines(
        [f"*MlguardWarning: s3.GetObject left the process for {host} although moto is active: *"]
    )
    result.stdout.fnmatch_lines(["*make the client inside the function*patch_client"])
    run(pytester, "-W", "error").assert_outcomes(failed=1)


def test_a_client_made_before_moto_was_imported_is_warned_about(
    pytester: pytest.Pytester, elsewhere: str
) -> None:
    # In a process of its own, where nothing has imported moto yet.
    (pytester.path / "handler.py").write_text(
        "import boto3\n\n"
        "client = boto3.client('s3', region_name='us-east-1', aws_access_key_id='testing',\n"
        f"    aws_secret_access_key='testing', endpoint_url='{elsewhere}')\n"
    )
    make(
        pytester,
        "@record\ndef test_read():\n    handler.client.get_object(Bucket='notes', Key='a')\n",
        with_policy(READS),
        ini="mlguard_source = snap.json\npythonpath = .\n",
    )
    own = pytester.path / "test_own.py"
    own.write_text("import handler\n" + own.read_text())
    result = run_apart(pytester)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*MlguardWarning: s3.GetObject left the process for 127.0.0.1:*"])


def test_without_moto_nothing_is_warned_about(pytester: pytest.Pytester, elsewhere: str) -> None:
    make(pytester, "", with_policy(READS))
    (pytester.path / "test_own.py").write_text(
        "import boto3\nimport pytest\n\n"
        "@pytest.mark.mlguard_record('notes-role')\n"
        "def test_read():\n"
        "    s3 = boto3.client('s3', region_name='us-east-1', aws_access_key_id='testing',\n"
        f"        aws_secret_access_key='testing', endpoint_url='{elsewhere}')\n"
        "    s3.get_object(Bucket='notes', Key='a')\n"
    )
    result = run(pytester, "-W", "error")
    result.assert_outcomes(passed=1)
    assert "1 of 1 granted action used by 1 call in 1 test" in section(result)


def test_a_marker_that_names_no_role_is_refused(pytester: pytest.Pytester) -> None:
    make(pytester, READ.replace("@record", "@pytest.mark.mlguard_record"))
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mlguard_record takes the name or ARN of one role: *"])
