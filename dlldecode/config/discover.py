"""Where presets and configuration files lie."""

from __future__ import annotations

import os
from pathlib import Path

from ..core.fields import nearest
from ..errors import UsageError

PROJECT_FILE = "dlldecode.toml"
USER_FILE = "config.toml"


def shipped_folder() -> Path:
    """The presets that come with the package: inside a wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "presets"
    return inside if inside.is_dir() else package.parent / "presets"


def user_folder() -> Path:
    """The user's own folder; XDG variables are honoured on every system."""
    from platformdirs import user_config_path

    return user_config_path("dlldecode", appauthor=False)


def preset_folders() -> tuple[Path, ...]:
    """Where presets are looked up by name, the user's first."""
    return (user_folder() / "presets", shipped_folder())


def preset_names() -> dict[str, Path]:
    """Every preset by name; `paper/NAME` for one in a folder. A user's preset stands before a shipped one."""
    found: dict[str, Path] = {}
    for folder in preset_folders():
        for path in sorted(folder.rglob("*.toml")):
            found.setdefault(path.relative_to(folder).with_suffix("").as_posix(), path)
    return dict(sorted(found.items()))


def preset_path(name: str, beside: Path | None = None) -> Path:
    """The file of a preset, by name or by path (also relative to the folder `beside`). Raises UsageError."""
    if name.endswith(".toml"):
        candidates = [Path(name).expanduser(), *([beside / name] if beside else [])]
        for path in candidates:
            if path.is_file():
                return path
        raise UsageError(f"there is no preset file {name}.")
    names = preset_names()
    if name in names:
        return names[name]
    if Path(name).is_file():
        return Path(name)
    close = f"{name}.toml" if Path(f"{name}.toml").is_file() else nearest(name, names)
    hint = f"did you mean {close}?" if close else "see: dlldecode presets ls"
    raise UsageError(f"there is no preset {name!r}; {hint}")


def about(path: Path) -> str:
    """What a preset says about itself, its parents aside; a broken one must not hide the others, so says that it is."""
    from . import toml

    try:
        return str(toml.read(path).table.get("about", ""))
    except UsageError as error:
        return f"broken: {error}"


def is_configless() -> bool:
    """Whether project and user files are to be left alone."""
    return os.environ.get("DLLDECODE_NO_CONFIG", "") not in ("", "0")


def project_file(start: Path | None = None) -> tuple[Path, tuple[str, ...]] | None:
    """The nearest `dlldecode.toml`, or `pyproject.toml` with `[tool.dlldecode]`, and the table within it.

    Only the nearest counts; files further up are not merged in.
    """
    here = start or Path.cwd()
    for folder in (here, *here.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder / PROJECT_FILE, ()
        if (folder / "pyproject.toml").is_file() and _has_table(folder / "pyproject.toml"):
            return folder / "pyproject.toml", ("tool", "dlldecode")
    return None


def user_file() -> Path | None:
    """The user's own settings, if there are any."""
    path = user_folder() / USER_FILE
    return path if path.is_file() else None


def _has_table(path: Path) -> bool:
    from . import toml

    try:
        mentioned = b"tool.dlldecode" in path.read_bytes()
    except OSError:
        return False
    return mentioned and "dlldecode" in toml.read(path).table.get("tool", {})
