"""What can go wrong, as the user meets it: a message, a hint, an exit code.

Every failure that is not a bug of edgeq is an :class:`EdgeqError`. ``cli`` prints it and exits with its code;
nothing else catches it except to add context.
"""

from __future__ import annotations

from typing import ClassVar


class EdgeqError(Exception):
    """A failure with a message (what happened), a hint (what to do) and an exit code.

    Args:
        message: one sentence: what is wrong, naming the file, operator, tensor or device.
        hint: what the user can do about it; may be empty only where there is nothing to do.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def kind(self) -> str:
        """What users are told it is: the name of its class, unless that is a matter inside edgeq."""
        return type(self).__name__


class VerdictError(EdgeqError):
    """A verdict failed: strictness, accuracy, exactness or a limit on instructions."""

    exit_code = 1


class UsageError(EdgeqError):
    """A wrong command line, configuration file, or a file that would have been overwritten."""


class ModelError(EdgeqError):
    """The model file is not a valid .tflite file, or holds something that edgeq cannot take."""


class DataError(EdgeqError):
    """Calibration or test data of the wrong kind, shape, type or content."""


class BoardError(EdgeqError):
    """An unknown board, or a board file that is not valid."""


class ToolMissingError(EdgeqError):
    """A tool or Python package that this step needs is not installed."""

    exit_code = 3


class BuildError(EdgeqError):
    """The compiler or linker failed, or the image does not fit the board."""

    exit_code = 4


class DeviceError(EdgeqError):
    """Flashing, booting or talking to the device (or its simulation) failed."""

    exit_code = 5


class DeviceBusy(DeviceError):
    """Another has the device now: who can wait tries again."""

    @property
    def kind(self) -> str:
        """A device error, like others that no flag mends."""
        return DeviceError.__name__
