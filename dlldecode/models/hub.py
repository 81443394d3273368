"""Where a model's files lie: bundled, in a folder, or on the hub, whose own cache and client are used."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import DlldecodeError, ModelError, UsageError
from .families import family_of, read_config

BUNDLED = Path(__file__).parent.parent / "tiny" / "weights"
ALIASES = {
    "llada": "GSAI-ML/LLaDA-8B-Instruct",
    "llada-1.5": "GSAI-ML/LLaDA-1.5",
    "llada-base": "GSAI-ML/LLaDA-8B-Base",
    "dream": "Dream-org/Dream-v0-Instruct-7B",
    "dream-base": "Dream-org/Dream-v0-Base-7B",
}
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
# Never code (*.py) and never pickles (*.bin), and nothing below the repository's root.
PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.jinja", "*.model"]


class Source(NamedTuple):
    """A model's folder, the name it was asked for by, and its commit on the hub if it comes from there."""

    folder: Path
    name: str
    revision: str | None

    @property
    def is_bundled(self) -> bool:
        """Whether it is the model that ships inside the package."""
        return self.folder == BUNDLED


class Cached(NamedTuple):
    """One supported model on this machine; `size` in bytes, `alias` empty when it has none."""

    alias: str
    id: str
    size: int
    revision: str | None
    folder: Path


def resolve(name: str, revision: str | None = None, offline: bool = False) -> Source:
    """Find a model by alias, folder or hub id, downloading what is missing unless `offline`.

    `revision` is a branch, tag or commit of a hub repository. Raises a ModelError when the model cannot be had.
    """
    folder = local(name)
    if folder is not None:
        if revision is not None:
            raise UsageError(f"a revision ({revision}) belongs to a model on the hub, and {name} is not one")
        return Source(folder, name, None)
    if name not in ALIASES and not HUB_ID.fullmatch(name):
        raise ModelError(unknown(name))
    return fetch(name, revision, offline)


def local(name: str) -> Path | None:
    """The bundled folder or the existing folder of that name; aliases go before folders."""
    if name == "tiny":
        return BUNDLED
    folder = Path(name).expanduser()
    return folder if name and name not in ALIASES and folder.is_dir() else None


def pull(name: str, revision: str | None = None) -> Source:
    """Download a model into the hub's cache, or complete it there."""
    return resolve(name, revision)


def cached() -> list[Cached]:
    """The bundled model and every supported model in the hub's cache, by name, one entry a revision."""
    from huggingface_hub import CacheNotFound, scan_cache_dir

    found = [Cached("tiny", "tiny", weigh(BUNDLED), None, BUNDLED)] if BUNDLED.is_dir() else []
    try:
        repositories = sorted(scan_cache_dir().repos, key=lambda repository: repository.repo_id)
    except CacheNotFound:
        return found
    aliases = {hub_id: alias for alias, hub_id in ALIASES.items()}
    for repository in repositories:
        for kept in sorted(repository.revisions, key=lambda kept: kept.commit_hash):
            if is_supported(kept.snapshot_path):
                alias, hub_id = aliases.get(repository.repo_id, ""), repository.repo_id
                found.append(Cached(alias, hub_id, kept.size_on_disk, kept.commit_hash, kept.snapshot_path))
    return found


def weigh(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def is_supported(folder: Path) -> bool:
    """Whether a folder's config.json is of a family that this package reads."""
    try:
        family_of(read_config(folder))
    except DlldecodeError:
        return False
    return True


def unknown(name: str) -> str:
    """The sentence for a name that is neither alias nor folder nor hub id."""
    near = difflib.get_close_matches(name, ["tiny", *ALIASES], n=1, cutoff=0.5)
    if near and not re.search(r"[/\\]", name):
        return f"there is no model {name!r}; did you mean {near[0]!r}?"
    known = ", ".join(["tiny", *ALIASES])
    return f"there is no model {name!r}: give an alias ({known}), an existing folder, or a hub id such as owner/name"


def fetch(name: str, revision: str | None, offline: bool) -> Source:
    """A hub model's snapshot; its config.json comes first, so that gigabytes of an unsupported model never follow."""
    from huggingface_hub import constants

    offline = offline or bool(constants.HF_HUB_OFFLINE)
    hub_id = ALIASES.get(name, name)
    folder = snapshot(name, offline, repo_id=hub_id, revision=revision, allow_patterns=["config.json"])
    family_of(read_config(folder))
    folder = snapshot(
        name, offline, repo_id=hub_id, revision=revision, allow_patterns=PATTERNS, ignore_patterns=["*/*"]
    )
    return Source(folder, name, folder.name)


def snapshot(name: str, offline: bool, **wanted: Any) -> Path:
    """The hub client's download, with its failures as ModelErrors and its bar only on a terminal."""
    from huggingface_hub import errors, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not (sys.stderr and sys.stderr.isatty()):
        disable_progress_bars()
    hub_id = wanted["repo_id"]
    try:
        return Path(snapshot_download(local_files_only=offline, **wanted))
    except errors.GatedRepoError as error:
        raise ModelError(
            f"{hub_id} is gated: accept its terms on its hub page and log in with `hf auth login`"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(f"{hub_id} has no revision {wanted['revision']!r} on the hub") from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(f"{hub_id} is not on the hub, or is private; check the spelling or log in") from error
    except Exception as error:  # the client's network failures have no common base over its releases
        if offline:
            raise ModelError(absent(name, wanted["revision"])) from error
        raise ModelError(f"{hub_id} cannot be downloaded ({reason(error)}); check the network and try again") from error


def absent(name: str, revision: str | None) -> str:
    """The sentence for a model that offline work needs and the cache lacks."""
    command = f"dlldecode models pull {name}" + ("" if revision is None else f" --revision {revision}")
    return f"{name} is not (completely) in the hub's cache and offline was asked for; run `{command}` first"


def reason(error: Exception) -> str:
    """The first line of an error, for one sentence."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
