"""The house rules that no linter knows."""

import ast
from pathlib import Path

import pytest

import dlldecode

ROOT = Path(dlldecode.__file__).parent
PURE = ("core", "strategies", "caches", "wrappers", "engine")
FILES = sorted(path for folder in PURE for path in (ROOT / folder).rglob("*.py"))
READERS = {ROOT / "engine" / "loop.py", ROOT / "engine" / "observe.py"}
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def found(path: Path, kind) -> list:
    return [node for node in ast.walk(tree(path)) if isinstance(node, kind)]


def test_there_is_something_to_look_at():
    assert len(FILES) > 20 and set(FILES) >= READERS


@every_file
def test_only_the_loop_and_its_readers_look_at_values(path):
    if path in READERS:
        return
    reads = {"item", "tolist", "cpu", "numpy", "nonzero", "masked_select", "argwhere"}
    called = {node.attr for node in found(path, ast.Attribute)}
    assert not called & reads
    wheres = [node for node in found(path, ast.Call) if ast.unparse(node.func) == "torch.where"]
    assert all(len(node.args) == 3 for node in wheres)


def is_mask(node: ast.expr) -> bool:
    """Whether an index is a comparison, a negation or a mask by name."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return True
    names = ("mask", "masked", "commit", "revoke", "valid", "alive", "among", "chosen")
    last = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return isinstance(node, ast.Compare) or last in names


@every_file
def test_no_boolean_mask_as_an_index(path):
    for node in found(path, ast.Subscript):
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        assert not any(map(is_mask, items)), f"line {node.lineno}: {ast.unparse(node)}"


@every_file
def test_members_of_enumerations_meet_tensors_as_integers(path):
    """A compiled graph takes `tensor == Phase.DIVIDE` for False."""
    if path in READERS:
        return
    module = tree(path)
    wrapped = {
        id(call.args[0])
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "int"
    }
    members = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("Phase", "Kind")
    ]
    assert all(id(node) in wrapped for node in members)


@every_file
def test_files_and_functions_are_short(path):
    assert len(path.read_text().splitlines()) <= 330
    for function in found(path, FUNCTIONS):
        assert function.end_lineno - function.lineno < 60, function.name
        assert depth(function) <= 3, function.name


def depth(node: ast.AST) -> int:
    """How deep the blocks of a function lie in one another; `elif` is no deeper than its `if`."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                chained = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If)
                step = isinstance(child, BLOCKS) and not chained
                deepest = max(deepest, step + depth(child))
    return deepest


@every_file
def test_imports_are_lean(path):
    if path.parent.name not in ("core", "strategies", "wrappers"):
        return
    roots = {alias.name.split(".")[0] for node in found(path, ast.Import) for alias in node.names}
    roots |= {(node.module or "").split(".")[0] for node in found(path, ast.ImportFrom) if node.level == 0}
    assert not roots & {"rich", "typer", "transformers", "numpy"}


@every_file
def test_nothing_is_asked_what_it_is(path):
    """No `hasattr`, no `isinstance` on a concrete strategy."""
    strategies = {file.stem.title().replace("_", "") for file in (ROOT / "strategies").glob("*.py")}
    for call in found(path, ast.Call):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        assert name != "hasattr"
        if name == "isinstance":
            assert not strategies & {node.id for node in ast.walk(call.args[1]) if isinstance(node, ast.Name)}
