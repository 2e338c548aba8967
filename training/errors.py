"""What can be wrong with what a person gave: each message says what, where, and the cure.

TrainingError
    DatasetError      a folder of images that cannot be trained on
    OptionError       options that do not go together, or with this machine
    CheckpointError   weights or a checkpoint that belong to something else
    LaunchError       a job or an instance that AWS would refuse
"""


class TrainingError(Exception):
    """Base of all errors that end a command with one line instead of a traceback."""


class DatasetError(TrainingError):
    """A folder of images that cannot be trained on."""


class OptionError(TrainingError):
    """Options that do not go together, or with this machine."""


class CheckpointError(TrainingError):
    """Weights or a checkpoint that belong to something else."""


class LaunchError(TrainingError):
    """A job or an instance that AWS would refuse."""
