"""The pick of a study as a preset of its own, which says what it was found by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..bench.export.files import check_place
from ..config import discover
from ..config.assemble import Resolved
from ..errors import UsageError
from ..tune.outcome import Outcome
from ..tune.show import figures
from ..tune.trial import Trials
from .presets import tables
from .shown import toml_value
from .stderr import harmless

MARK = "# Written by dlldecode tune; "


def place(asked: str | None) -> Path | None:
    """The file of a preset, by name or by file. Raises UsageError where it cannot be written or is not the tuner's."""
    if asked is None:
        return None
    is_file = asked.endswith(".toml")
    file = Path(asked).expanduser() if is_file else discover.user_folder() / "presets" / f"{asked}.toml"
    try:
        if not is_file:
            file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_file() and not file.read_text(encoding="utf-8").startswith(MARK):
            raise UsageError(f"--save-preset {asked}: {file} holds a preset of yours; choose another name.")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--save-preset {asked}: {file} cannot be written ({error}); choose another place.") from None
    check_place(file)
    return file.resolve()


def content(trials: Trials, found: Outcome) -> str:
    """The preset: what was picked, in full, so that it stays what it is whatever becomes of the one it came from."""
    picked = next(trial for trial in trials.known.values() if trial.number == found.pick)
    settings = picked.setting.resolved()
    lines = [*(_commented(line) for line in _origin(found)), "", *_preset(trials, settings, found)]
    return "\n".join(lines) + "\n"


def _commented(line: str) -> str:
    return f"# {harmless(' '.join(line.split()))}" if not line.startswith(MARK) else line


def _origin(found: Outcome) -> Iterator[str]:
    about = found.about
    yield f"{MARK}{about['date']}"
    yield about["command"]
    yield f"study: {about['study']}; trial {found.pick} of {about['trials']}, picked by {about['pick']}"
    yield f"model: {about['model']}, weights {about['weights']}, {about['dtype']}"
    counts = ", ".join(f"{task} {search}+{held}" for task, (search, held) in about["items"].items())
    yield f"items, searched on + held out: {counts}"
    yield f"search half, the pick: {figures(found.entry(found.pick or 0).row)}"
    yield f"search half, the reference: {figures(found.entry(0).row)}"
    assert found.verdict
    for name, row in zip(("reference", "pick"), found.verdict.report.overall, strict=False):
        yield f"held-out half, the {name}: {figures(row)}"
    yield found.verdict.sentence


def _preset(trials: Trials, settings: Resolved, found: Outcome) -> Iterator[str]:
    about = found.about
    tasks = list(about["items"])
    where = " and ".join(tasks) if len(tasks) < 3 else f"{len(tasks)} tasks"
    said = f"{trials.name} as tuned on {where} with {about['model']}, {about['date']}"
    yield f"about = {toml_value(said)}"
    yield f"strategy = {toml_value(settings.strategy)}"
    yield from tables(settings.tune, settings)
