"""IFEval: which of the instructions in a prompt the answer follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import UsageError
from ..instructions import follows
from ..verdict import Doc, Verdict

RUNS_CODE = False


def score(doc: Doc, text: str) -> Verdict:
    """Strict takes the answer as it stands, loose the best of its eight variants.

    `prompt_*` is 1 where every instruction is followed; `instruction_*` has 0 or 1 for each. Raises UsageError where
    the data name an instruction that there is not or leave out what one needs, and where nltk or langdetect is missing.
    """
    asked = list(instructions(doc))
    strict = [follows(name, arguments, text) for name, arguments in asked]
    others = variants(text)[1:]
    loose = [
        kept or any(follows(name, arguments, each) for each in others)
        for kept, (name, arguments) in zip(strict, asked, strict=True)
    ]
    metrics = {
        "prompt_strict": float(all(strict)),
        "prompt_loose": float(all(loose)),
        "instruction_strict": [float(kept) for kept in strict],
        "instruction_loose": [float(kept) for kept in loose],
    }
    failed = [name for (name, _), kept in zip(asked, strict, strict=True) if not kept]
    return Verdict(metrics, answer=text, note=f"does not follow {', '.join(failed)}" if failed else "")


def gold(doc: Doc) -> None:
    """None: the data hold no answers."""


def instructions(doc: Doc) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each instruction's name and arguments. Raises UsageError where the lists in the data do not match."""
    names, arguments = doc.get("instruction_id_list"), doc.get("kwargs")
    if not isinstance(names, list) or not isinstance(arguments, list) or len(names) != len(arguments):
        raise UsageError(
            f"item {doc.get('key')} needs instruction_id_list and kwargs, lists of one length; "
            f"mend the data, which say {names} and {arguments}."
        )
    return ((name, given or {}) for name, given in zip(names, arguments, strict=True))


def variants(text: str) -> tuple[str, ...]:
    """The answer, without its first line, its last, both; each also without asterisks. Equal ones are left out."""
    lines = text.split("\n")
    cut = [text, *("\n".join(kept).strip() for kept in (lines[1:], lines[:-1], lines[1:-1]))]
    return tuple(dict.fromkeys(cut + [each.replace("*", "") for each in cut]))
