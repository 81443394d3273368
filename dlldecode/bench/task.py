"""Tasks as data: one YAML file a task, in lm-eval's vocabulary where it has a word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from annotated_types import Ge
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import Self

from ..core.fields import nearest
from ..errors import UsageError

FOLDER = Path(__file__).parent / "tasks"
Split = Literal["test", "fewshot"]


class Part(BaseModel):
    """A part of a task file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Generation(Part):
    """How an answer is drawn: the texts that end it, and the canvas."""

    until: tuple[str, ...] = ()
    max_gen_toks: Annotated[int, Ge(1)] | None = None


class FewShot(Part):
    """Which lines serve as examples: the first ones of the split, or these."""

    sampler: Literal["first_n"] = "first_n"
    samples: tuple[Mapping[str, Any], ...] | None = None


class Published(Part):
    """A score that a paper gives for this setting; never compared with ours except by a reader."""

    source: str
    model: str
    strategy: str
    score: float
    tpf: float | None = None
    tps: float | None = None
    note: str = ""


class Task(Part):
    """One benchmark: where its lines come from, how they become prompts, who scores the answers."""

    task: str
    about: str = ""
    generator: str | None = None  # a family of tiny's own
    data_files: Mapping[Split, str] = Field(default_factory=dict)  # below --data-dir, or beside a user's own task file
    dataset_path: str | None = None  # on the Hugging Face hub
    dataset_name: str | None = None
    revision: str | None = None
    test_split: str = "test"
    fewshot_split: str = "train"
    where: str | None = None  # a Jinja expression over a line's fields; lines for which it is false are left out
    fewshot_where: str | None = None
    skip: Annotated[int, Ge(0)] = 0  # lines at the start that are no items (Dream's examples, say)
    id_field: str | None = None
    description: str = ""
    doc_to_text: str = "{{prompt}}"
    doc_to_target: str = "{{answer}}"
    gen_prefix: str = ""  # what the answer begins with, given
    target_delimiter: str = " "
    fewshot_delimiter: str = "\n\n"
    num_fewshot: Annotated[int, Ge(0)] = 0
    fewshot_as_multiturn: bool = False
    fewshot_config: FewShot = FewShot()
    chat: bool = True  # false: the prompt goes in as it stands, without a chat template
    generation_kwargs: Generation = Generation()
    decode: Mapping[str, Any] = Field(default_factory=dict)  # settings of [decode] that belong to the task
    scorer: str
    metric: str
    published: tuple[Published, ...] = ()
    metadata: Mapping[str, Any] = Field(default_factory=dict)
    folder: Path = FOLDER  # where the file lies

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of `[decode]` by name that the task brings along."""
        canvas = self.generation_kwargs.max_gen_toks
        return {**({"max_tokens": canvas} if canvas else {}), **self.decode}

    @property
    def digest(self) -> str:
        """Digest of everything that decides what is asked and how it is scored."""
        content = self.model_dump(mode="json", exclude={"about", "published", "metadata", "folder"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def checked(self) -> Self:
        """The task itself. Raises UsageError where its scorer, generator or settings are not there."""
        from dataclasses import fields

        from ..engine.settings import Settings
        from ..tiny import families
        from . import scorers

        scorers.load(self.scorer)
        if self.generator is not None and self.generator not in families.available():
            raise UsageError(f"task {self.task}: there is no generator {self.generator!r}; {families.available()}")
        known = [field.name for field in fields(Settings)]
        for key in self.decode:
            if key not in known:
                close = nearest(key, known)
                hint = f"did you mean {close}?" if close else f"there are {', '.join(known)}."
                raise UsageError(f"task {self.task}: decode.{key} is not a setting; {hint}")
        return self


def available() -> tuple[str, ...]:
    """Name every task and group that comes with the package, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if not path.stem.startswith("_")))


def find(name: str) -> list[Task]:
    """The tasks that a name stands for: a task's own, a group's, or those of a user's `.yaml` or `.jsonl` file.

    Raises UsageError with the nearest name, or with what is wrong in a file.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return list(_read(path))
    if path.suffix == ".jsonl":
        return [_own_lines(path)]
    if name not in available():
        close = nearest(name, available())
        hint = f"did you mean {close}?" if close else f"there are {', '.join(available())}, or a .yaml or .jsonl file."
        raise UsageError(f"there is no task {name!r}; {hint}")
    return list(_read(FOLDER / f"{name}.yaml"))


def _own_lines(path: Path) -> Task:
    """A user's own JSON lines with `prompt` and `answer`."""
    files: dict[Split, str] = {"test": path.name}
    return Task(task=path.stem, data_files=files, scorer="match", metric="accuracy", folder=path.parent, id_field="id")


def _read(path: Path) -> Iterator[Task]:
    content = _content(path)
    if "group" in content:
        if set(content) - {"group", "task", "about"} or not isinstance(content.get("task"), list):
            raise UsageError(f"{path}: a group holds group, about, and task, a list of names.")
        for name in content["task"]:
            yield from find(str(name))
        return
    try:
        yield Task(**{"folder": path.parent, "task": path.stem, **content}).checked()
    except ValidationError as error:
        raise UsageError(_sentence(path, error)) from None


def _sentence(path: Path, error: ValidationError) -> str:
    first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")  # a typo before what it left out
    key = ".".join(map(str, first["loc"]))
    close = nearest(key, Task.model_fields) if first["type"] == "extra_forbidden" else None
    hint = f"is not a key of a task; did you mean {close}?" if close else first["msg"][:1].lower() + first["msg"][1:]
    return f"{path}: {key} {hint}"


def _content(path: Path) -> dict[str, Any]:
    """A YAML file with what it includes beneath it. Raises UsageError where it cannot be read."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the task file {path}: {error.strerror or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: a task file is a table of keys, as in scorer: gsm8k.")
    parent = content.pop("include", None)
    return content if parent is None else _over(_content(path.parent / str(parent)), content)


def _over(parent: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Keys laid over a parent's; tables are laid over one another, too, and scores of papers are not inherited."""
    merged = {key: value for key, value in parent.items() if key not in ("published", "task", "about")}
    for key, value in own.items():
        table = merged.get(key)
        merged[key] = {**table, **value} if isinstance(table, dict) and isinstance(value, dict) else value
    return merged
