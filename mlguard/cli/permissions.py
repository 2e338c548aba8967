"""`mlguard permissions`: the policy that a live audit needs, no action more."""

import json

import click

from mlguard.sources.aws.permissions import policy, refresh_policy


@click.command("permissions")
@click.option("--refresh-prices", is_flag=True, help="For `mlguard cost --refresh-prices` instead.")
def command(*, refresh_prices: bool) -> None:
    """Print the identity policy for a live audit, ready for `aws iam create-policy`."""
    click.echo(json.dumps(refresh_policy() if refresh_prices else policy(), indent=2))
