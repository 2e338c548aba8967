"""What stops a deployment: one error, whose text names the step, the reason and the cure."""


class DeployError(Exception):
    """A pipeline file, an account or a thing in it that cannot be brought to what was planned."""
