"""What is generated is fresh, and what is linked is there."""

import importlib.util
import re
import sys

import pytest

from .blocks import PAGES, ROOT

LINK = re.compile(r"\]\(([^)\s#]+)(#[^)]*)?\)")


@pytest.fixture(scope="module")
def generate():
    sys.path.append(str(ROOT / "docs"))  # as for a script
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_generated_is_stale(generate):
    assert [path.name for path in generate.stale()] == [], "run: python docs/generate.py"


def test_every_command_is_on_the_help_page(generate):
    """A new command must be added to the generator's list."""
    import typer

    def names(group, before=""):
        for name, command in group.commands.items():
            yield f"{before}{name}"
            if hasattr(command, "commands"):
                yield from names(command, f"{name} ")

    assert set(generate.COMMANDS) == {"", *names(typer.main.get_command(generate.app))}


def test_a_change_of_the_code_is_noticed(generate, monkeypatch):
    monkeypatch.setattr(generate, "sentence", lambda name: "another sentence")
    assert {path.name for path in generate.stale()} == {"README.md", "strategies.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target, _ in LINK.findall(page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_map_names_every_page():
    index = (ROOT / "docs" / "index.md").read_text()
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"} <= set(re.findall(r"\((\S+?)\)", index))
