import json

from click.testing import CliRunner

from mlguard.cli.permissions import command
from mlguard.sources.aws.permissions import policy


def test_the_policy_of_an_audit_is_printed() -> None:
    result = CliRunner().invoke(command)
    assert (result.exit_code, json.loads(result.output)) == (0, policy())


def test_a_refresh_of_prices_has_a_policy_of_its_own() -> None:
    result = CliRunner().invoke(command, ["--refresh-prices"])
    (statement,) = json.loads(result.output)["Statement"]
    assert (result.exit_code, statement["Action"]) == (0, ["pricing:GetProducts"])
