"""IFEval's 25 checks, one file a group: `group:check` is how the data name them.

A check says whether a text follows its instruction; what the instruction asks for comes as keyword arguments, named as
in the data. The rules are those of "Instruction-Following Evaluation for Large Language Models" (Zhou et al. 2023) and
its reference evaluation, peculiarities included: each check states its own.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from pydantic import ValidationError, validate_call

from ...core.fields import nearest
from ...errors import UsageError

GROUPS = (
    "change_case",
    "combination",
    "detectable_content",
    "detectable_format",
    "keywords",
    "language",
    "length_constraints",
    "punctuation",
    "startend",
)
CHECKS: Mapping[str, Callable[..., bool]] = {
    f"{group}:{check.__name__}": validate_call(check)
    for group in GROUPS
    for check in importlib.import_module(f"{__name__}.{group}").CHECKS
}


def follows(name: str, arguments: Mapping[str, Any], text: str) -> bool:
    """Say whether a text follows an instruction; an empty text follows none.

    Arguments that are None or that the check does not take are left out. Raises UsageError for an instruction that
    there is not, and for arguments that are missing or unusable.
    """
    if name not in CHECKS:
        close = nearest(name, tuple(CHECKS))
        raise UsageError(f"there is no instruction {name!r}; {f'did you mean {close}?' if close else 'mend the data.'}")
    check = CHECKS[name]
    _, *wanted = signature(check).parameters
    given = {key: arguments[key] for key in wanted if arguments.get(key) is not None}
    try:
        return check(text, **given) and bool(text.strip())
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{first['loc'][0]}: {first['msg'].lower()}"
    except re.error as error:
        reason = f"no regular expression: {error}"
    raise UsageError(f"the instruction {name} needs {', '.join(wanted)}; mend the data, which say {given} ({reason}).")
