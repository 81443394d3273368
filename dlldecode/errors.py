"""Every error a user can meet; each carries one clear sentence and its exit code.

- DlldecodeError             1
    |-- UsageError             2   option, preset, prompt, trace or output that cannot be used
    |   |-- PresetError        2   all problems of a preset at once
    |   `-- Clash              2   a setting that does not go with the others
    |-- ModelError             3   model not available or broken
    |-- DeviceError            4   device missing or out of memory
    |-- ItemsFailed            5   a batch finished, some of its items failed
    `-- ConditionTrue          6   a condition that should not hold of a comparison does
"""

from __future__ import annotations

from collections.abc import Sequence


class DlldecodeError(Exception):
    """The root: anything the user can do something about."""

    exit_code = 1


class UsageError(DlldecodeError):
    """What was asked for cannot be used as it stands."""

    exit_code = 2


class PresetError(UsageError):
    """A preset, project file or option is wrong; `problems` lists everything found, one line each."""

    def __init__(self, problems: Sequence[str], advice: str = "") -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problems. " if len(self.problems) > 1 else ""
        tail = f"\n{count}{advice}".rstrip() if advice or count else ""
        super().__init__("\n".join(self.problems) + tail)


class Clash(UsageError):
    """A setting that is fine by itself and does not go with the others: its name in `[decode]`, and why."""

    def __init__(self, setting: str, why: str) -> None:
        self.setting, self.why = setting, why
        super().__init__(f"{setting} {why}")


class ModelError(DlldecodeError):
    """The model cannot be found, read or trusted."""

    exit_code = 3


class DeviceError(DlldecodeError):
    """The device is missing or has too little memory."""

    exit_code = 4


class ItemsFailed(DlldecodeError):
    """A batch ran to its end, but some of its items carry an error."""

    exit_code = 5


class ConditionTrue(DlldecodeError):
    """A comparison ran to its end, and what `--fail-if` names is true of it."""

    exit_code = 6
