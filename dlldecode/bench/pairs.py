"""Settings beside others on the same items: what a claim must beat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import UsageError
from .report import Estimate
from .statistics import quotient

Record = Mapping[str, Any]  # one item that was decoded and scored, or failed


def opponents(settings: Mapping[str, Record], against: Sequence[str]) -> dict[str, dict[str, str]]:
    """For every setting, given by its label and a record, the settings of the presets in `against`, and their names.

    Axes that both have are alike, so that a strategy with a cache meets the others with that cache; a name tells what
    is left: the preset, and its axes that the setting does not have.
    """
    found = {}
    for label, own in settings.items():
        chosen = [each for each in settings if each != label and settings[each]["preset"] in against]
        found[label] = {each: _name(own, settings[each]) for each in chosen if _is_alike(own, settings[each])}
    return found


def check(against: Sequence[str], presets: Sequence[str]) -> None:
    """Raise UsageError for a preset that is not among those compared."""
    for preset in against:
        if preset not in presets:
            listed = ", ".join(dict.fromkeys(presets))
            raise UsageError(f"--against {preset}: it is not among what is compared, which is {listed}.")


def _is_alike(own: Record, other: Record) -> bool:
    """Whether the axes that both have have the same values."""
    return all(other["axes"].get(key, value) == value for key, value in own["axes"].items())


def _name(own: Record, other: Record) -> str:
    """The other setting without the axes that both have."""
    axes = (f"{key}={value}" for key, value in other["axes"].items() if key not in own["axes"])
    return " ".join([other["preset"], *axes])


def tpf_quotient(own: Iterable[Record], others: Iterable[Record]) -> Estimate:
    """TPF over another's, over the items on which neither failed."""
    known = {_question(record): record for record in others if record["error"] is None}
    pairs = [(record, known.get(_question(record))) for record in own if record["error"] is None]
    both = [(*_rate(record), *_rate(other)) for record, other in pairs if other is not None]
    return quotient(both) if both else Estimate(1.0, 1.0, 1.0)


def _question(record: Record) -> tuple[str, str, int]:
    return record["task"], record["item"], record["run"]


def _rate(record: Record) -> tuple[float, float]:
    return record["tokens"]["effective"], record["forwards"]["total"]
