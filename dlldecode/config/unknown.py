"""What a key that is no setting may have meant, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.fields import fields, nearest
from .schema import CACHE, DECODE, OPTIONS, RUN, TABLES, WINDOW, WRAP, join, split


def unknown(key: str, keys: Sequence[str], spell: Callable[[str], str] = str, strategy: str | None = None) -> str:
    """The end of a sentence about a key that is none of the settings `keys`; `spell` writes a key for its reader.

    `strategy` is the one whose options are among the keys, where it is one alone.
    """
    table, name = split(key)
    part = _wrapper(table, name, keys) if table.startswith(f"{WRAP}.") else _part(table, name)
    if found := _table(key, keys) or part:
        return found
    meant = _meant(key, keys)
    if strategy and table == OPTIONS and (meant is None or split(meant)[1] != name):
        others = _strategies(name)
        if others or meant is None:
            return _option(strategy, others, keys)
    if meant is None:
        return _choice(table, keys)
    if split(meant)[0] == RUN != table:
        return f"; it belongs to the run, say it with its flag or as DLLDECODE_{meant.upper()}"
    return f"; did you mean {spell(meant)}?"


def _table(key: str, keys: Sequence[str]) -> str:
    """About a key that is a whole table."""
    from .. import wrappers

    if key not in TABLES and key not in {join(WRAP, name) for name in wrappers.available()}:
        return ""
    inside = next((each for each in keys if each.startswith(f"{key}.")), f"{key}.KEY")
    return f"; it is a table, so give what is in it one by one, as in {inside}"


def _wrapper(table: str, name: str, keys: Sequence[str]) -> str:
    """About an option of a wrapper that is not named, or that nobody has."""
    from .. import wrappers

    asked, known = table.removeprefix(f"{WRAP}."), wrappers.available()
    named = [each for each in known if any(key.startswith(join(WRAP, f"{each}.")) for key in keys)]
    if asked in named:
        return ""
    if asked in known:
        remedy = f"add {asked} to {DECODE}.wrap" if named else f"add {DECODE}.wrap={asked}"
        return f", since wrap does not name {asked}; {remedy}"
    close = nearest(asked, named) or nearest(asked, known)
    if close is None:
        return f", since there is no wrapper {asked!r}; the choice is {', '.join(known)}"
    options = [item.name for item in fields(wrappers.kind(close))]
    return f"; did you mean {join(join(WRAP, close), nearest(name, options) or name)}?"


def _part(table: str, name: str) -> str:
    """About an option of another cache or window rule than the one that is named."""
    from .. import caches
    from ..engine import windows

    parts = {CACHE: ("cache", caches), WINDOW: ("window", windows)}
    if table not in parts:
        return ""
    setting, package = parts[table]
    having = [each for each in package.available() if name in {item.name for item in fields(package.kind(each))}]
    return f", since {setting} is not {' or '.join(having)}; add {DECODE}.{setting}={having[0]}" if having else ""


def _strategies(name: str) -> list[str]:
    """The strategies that have an option."""
    from .. import strategies

    return [each for each in strategies.available() if name in {item.name for item in fields(strategies.kind(each))}]


def _option(strategy: str, others: Sequence[str], keys: Sequence[str]) -> str:
    """About an option that a strategy does not have, and `others` do."""
    own = ", ".join(split(each)[1] for each in keys if split(each)[0] == OPTIONS) or "none"
    if not others:
        return f" of the strategy {strategy}; it has {own}"
    remedy = f"add -s {others[0]}" if len(others) == 1 else "choose one with -s"
    return f" of the strategy {strategy} but of {', '.join(others)}: {remedy}; {strategy} has {own}"


def _meant(key: str, keys: Sequence[str]) -> str | None:
    """The setting of the same name in another table, else the one that it resembles, in its own table above all."""
    table, name = split(key)
    elsewhere = {split(each)[1]: each for each in reversed(keys)}  # the first of a name counts
    if name in elsewhere:
        return elsewhere[name]
    own = {split(each)[1]: each for each in keys if split(each)[0] == table}
    others = {each: found for each, found in elsewhere.items() if split(found)[0] != RUN}
    close = nearest(name, own) or nearest(name, others)
    return {**elsewhere, **own}[close] if close else None


def _choice(table: str, keys: Sequence[str]) -> str:
    """What else there is in a table."""
    names = [split(each)[1] for each in keys if split(each)[0] == table]
    if names or table in (DECODE, OPTIONS, CACHE, WINDOW):
        return f"; there are {', '.join(names) or 'none'}"
    return f"; settings begin with {DECODE}., {OPTIONS}., {CACHE}., {WINDOW}. or {WRAP}.NAME."
