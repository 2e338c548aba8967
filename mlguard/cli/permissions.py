"""`mlguard permissions`: the policy that a live audit needs, no action more."""

import json

import click

from mlguard.sources.aws.permissions import policy


@click.command("permissions")
def command() -> None:
    """Print the identity policy for a live audit, ready for `aws iam create-policy`."""
    click.echo(json.dumps(policy(), indent=2))
