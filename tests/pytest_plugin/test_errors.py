"""What keeps an audit from being made: one clear line, and the user's own tests still run."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.pytest_plugin.project import OWN, make, named, outcomes, run, run_apart, save, snapshot

pytest_plugins = ("pytester",)

FAILS = "mlguard.toml::audit"
EXPIRED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>"
    b"<Message>The security token included in the request is expired</Message></Error>"
    b"<RequestId>1</RequestId></ErrorResponse>"
)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    make(pytester)
    return pytester


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An environment that knows no AWS account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path_factory.mktemp("aws") / "absent"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(empty))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(empty))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def expired(
    nowhere: None,  # noqa: ARG001  # builds on it
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """An AWS that refuses every call: the credentials have expired."""

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(403)
            self.send_header("Content-Length", str(len(EXPIRED)))
            self.end_headers()
            self.wfile.write(EXPIRED)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, "expired")
        yield
        server.shutdown()


def one_line(result: pytest.RunResult, says: str) -> None:
    """Hold that one test of the audit failed and said so, and that the user's own ran."""
    found = outcomes(result)
    assert found == {**dict.fromkeys(OWN, "PASSED"), FAILS: "FAILED"}
    assert says in result.stdout.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert result.ret == 1


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_no_credentials(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    result = run_apart(project, "--mlguard=live", "-rA", *workers)
    one_line(result, "nothing was audited: no AWS credentials were found")
    result.stdout.fnmatch_lines([f"FAILED {FAILS} - nothing was audited: no AWS cred*"])


@pytest.mark.usefixtures("expired")
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_expired_credentials(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    result = run_apart(project, "--mlguard=live", "-rA", *workers)
    one_line(result, "the AWS credentials are expired or invalid")


ASKS = """
def test_one(mlguard):
    mlguard.role("reader")

def test_two():
    pass
"""


def fails_in_one_line(project: pytest.Pytester, says: str, *arguments: str) -> None:
    """Hold that a test which asks for the account failed, without a traceback; others ran."""
    (project.path / "tests" / "test_own.py").write_text(ASKS)
    result = run_apart(project, "tests", "-rA", *arguments)
    assert outcomes(result) == {OWN[0]: "FAILED", OWN[1]: "PASSED"}
    result.stdout.fnmatch_lines([f"nothing was audited: {says}*"])
    text = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in text
    assert "def test_one" not in text


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.usefixtures("nowhere")
def test_no_credentials_in_a_test_of_ones_own(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    fails_in_one_line(project, "no AWS credentials were found", *workers)


@pytest.mark.usefixtures("expired")
def test_expired_credentials_in_a_test_of_ones_own(project: pytest.Pytester) -> None:
    fails_in_one_line(project, "the AWS credentials are expired or invalid")


def test_a_configuration_that_cannot_be_used_in_a_test_of_ones_own(
    project: pytest.Pytester,
) -> None:
    (project.path / "mlguard.toml").write_text("fail-onn = 'high'")
    fails_in_one_line(project, "*unknown key fail-onn: did you mean 'fail-on'?")


def test_a_denied_api_fails_what_is_asserted_about_it(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_own.py").write_text(
        "def test_one(mlguard):\n    mlguard.endpoint('breeds')\n\n"
        "def test_two(mlguard):\n    assert mlguard.snapshot.gaps\n"
    )
    result = run(project, "--mlguard=snap.json", "tests/test_own.py", "-k", "test_own", "-rA")
    found = outcomes(result)
    assert found[OWN[0]] == "FAILED"
    assert found[OWN[1]] == "PASSED"
    said = "whether there is the endpoint 'breeds' cannot be told: sagemaker:ListEndpoints: denied"
    assert said in result.stdout.str()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("fail-on = ", "mlguard.toml: is not TOML"),
        ("fail-onn = 'high'", "unknown key fail-onn: did you mean 'fail-on'?"),
        ("select = ['role-unusd']", "did you mean 'role-unused'?"),
    ],
)
def test_a_configuration_that_cannot_be_used(
    project: pytest.Pytester, config: str, says: str
) -> None:
    (project.path / "mlguard.toml").write_text(config)
    one_line(run(project, "--mlguard=snap.json", "-rA"), says)


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("--mlguard=absent.json", "absent.json: cannot be read: No such file"),
        ("--mlguard=tests", "tests: cannot be read: "),
        ("--mlguard=mlguard.toml", "mlguard.toml: the file is empty"),
        ("--mlguard=tests/test_own.py", "test_own.py: is not JSON"),
        ("--mlguard-fail-on=hgih", "no severity is called 'hgih'"),
        ("--mlguard-select=role-unusd", "did you mean 'role-unused'?"),
    ],
)
def test_an_option_that_cannot_be_used(project: pytest.Pytester, argument: str, says: str) -> None:
    one_line(run(project, "--mlguard=snap.json", argument, "-rA"), says)


def test_a_configuration_that_is_not_there(project: pytest.Pytester) -> None:
    result = run(project, "--mlguard=snap.json", "--mlguard-config=absent.toml", "-rA")
    assert outcomes(result)["absent.toml::audit"] == "FAILED"
    assert "absent.toml: cannot be read" in result.stdout.str()


def test_a_file_cut_off(project: pytest.Pytester) -> None:
    path = project.path / "snap.json"
    path.write_bytes(path.read_bytes()[:-200])
    one_line(run(project, "--mlguard=snap.json", "-rA"), "the file is cut off")


def test_a_hostile_error_is_shown_and_acts_on_nothing(project: pytest.Pytester) -> None:
    (project.path / "mlguard.toml").write_text('"\\u001b[31mred" = 1')
    result = run(project, "--mlguard=snap.json", "-rA")
    one_line(result, "\\x1b[31mred")
    assert "\x1b" not in result.stdout.str()


def test_a_test_asked_for_by_name_says_why_there_is_none(project: pytest.Pytester) -> None:
    name = "mlguard.toml::notebook-direct-internet[a::b]"
    result = run(project, "--mlguard=absent.json", name, OWN[0], "-rA")
    assert outcomes(result) == {name: "FAILED", OWN[0]: "PASSED"}
    assert "absent.json: cannot be read" in result.stdout.str()


def test_nothing_is_read_where_nothing_is_collected(project: pytest.Pytester) -> None:
    result = run(project, "--mlguard=absent.json", "no/such/path")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "absent.json" not in result.stdout.str() + result.stderr.str()


def test_the_error_goes_away_with_its_cause(project: pytest.Pytester) -> None:
    (project.path / "snap.json").rename(project.path / "gone")
    run(project, "--mlguard=snap.json").assert_outcomes(passed=2, failed=1)
    save(project, snapshot(named("exposed")))
    run(project, "--mlguard=snap.json", "-q").assert_outcomes(passed=6)
