"""`python -m deploy`: plan the pipeline, make it, look at it, take it away again."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from deploy.errors import DeployError

COMMANDS: Final = {
    "plan": "Print the pipeline file: every call that would be made, in order.",
    "apply": "Make what a pipeline file says; again, and it goes on where it stopped.",
    "status": "Tell what of a pipeline file is there, and what has changed.",
    "destroy": "Take it all away again, what costs most first.",
}
_LATER: Final = frozenset({"apply", "status", "destroy"})


class LazyGroup(click.Group):
    """Knows the commands by name and caption, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None if there is none of that name."""
        if cmd_name in _LATER:
            command: click.Command = import_module(f"deploy.{cmd_name}").command
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write names and captions without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def group() -> None:
    """Deploy the pipeline: plan it, audit the plan, make it.

    Start with `python -m deploy plan --config deploy/example.toml`.
    """


@group.command("plan", short_help=COMMANDS["plan"])
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What to deploy, in TOML; deploy/example.toml explains each key.",
)
@click.option(
    "--model-data",
    metavar="S3-URI",
    help="The model.tar.gz to serve.  [default: model.tar.gz in the bucket for models]",
)
@click.option(
    "--lambda-zip",
    "zip_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The function's code.  [default: deploy/lambda_function.py, packed]",
)
@click.option(
    "--as-written",
    is_flag=True,
    help="The write-up's own pipeline instead, with all its faults: for an audit to find.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the file there.  [default: standard output]",
)
@click.option(
    "--estimate/--no-estimate",
    "estimated",
    default=True,
    help="Tell what it would cost a month, on standard error.",
    show_default=True,
)
def plan_command(
    config_path: Path | None,
    model_data: str | None,
    zip_path: Path | None,
    output: Path | None,
    *,
    as_written: bool,
    estimated: bool,
) -> None:
    """Print the pipeline file: every call that would be made, in order.

    Nothing is called. What it would cost goes to standard error. Audit it before anything is
    deployed:

        python -m deploy plan --config FILE | mlguard audit --pipeline -
    """
    if as_written:
        from deploy.as_written import pipeline

        if config_path or model_data or zip_path:
            raise click.UsageError("--as-written takes nothing but -o: its faults are its own")
        text = pipeline().to_json()
    elif config_path is None:
        raise click.UsageError("give --config FILE (deploy/example.toml is one), or --as-written")
    else:
        text = _planned(config_path, model_data, zip_path)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="\n")
    if estimated:
        from deploy.estimate import estimate

        click.echo(estimate(text), err=True)


def _planned(config_path: Path, model_data: str | None, zip_path: Path | None) -> str:
    from deploy.config_file import load
    from deploy.plan import model_address, plan

    config = load(config_path)
    if not config.has_notebook:
        click.echo(
            "no notebook is planned: outside a subnet of yours it would have a way to the "
            "internet that nothing of yours sees; give [vpc]",
            err=True,
        )
    code = zip_path.read_bytes() if zip_path else _packed()
    return plan(config, model_data=model_data or model_address(config), lambda_zip=code).to_json()


def _packed() -> bytes:
    packed: bytes = import_module("deploy.package").function_zip()
    return packed


def main() -> None:
    """Run the command line; errors of ours become one line on stderr, and exit code 2."""
    try:
        group(prog_name="python -m deploy")
    except DeployError as error:
        click.echo(f"deploy: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"deploy: {error.filename or 'output'}: {error.strerror}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
