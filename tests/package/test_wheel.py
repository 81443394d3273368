"""The wheel, installed in an empty environment without the checkout, decodes.

torch and the other dependencies come from the environment that runs this test: a `.pth` file puts its site-packages
behind those of the empty one. A `.pth` file of theirs, as an editable install has, is not followed from there.
"""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
LIMIT = 64_000_000
QUESTION = "Each of Luca's 9 trays has 6 tarts. 38 tarts get burnt. How many tarts go into each of 4 equal boxes?"
FINAL = f"#### {(9 * 6 - 38) // 4}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    quiet_run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT])
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def home(wheel, tmp_path_factory):
    """An environment that holds the wheel and nothing else of this project."""
    folder = tmp_path_factory.mktemp("home")
    venv.create(folder, symlinks=os.name != "nt")
    own = next(folder.rglob("site-packages"))
    others = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (own / "dependencies.pth").write_text("".join(f"{path}\n" for path in others))
    pip = [sys.executable, "-m", "pip", "--python", python_of(folder), "install"]
    quiet_run([*pip, "--quiet", "--no-deps", "--no-index", wheel])
    return folder


def quiet_run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python_of(home):
    return home / BIN / "python"


def run(home, *command):
    """Run a program of the environment from a folder outside of the checkout, free of any settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DLLDECODE_", "PYTHON"))}
    environment = {**kept, "OMP_NUM_THREADS": "1", "XDG_CONFIG_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    return quiet_run([home / BIN / command[0], *command[1:]], cwd=home, env=environment)


def test_what_is_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert wheel.stat().st_size < LIMIT
    presets = {f"dlldecode/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "presets").rglob("*.toml")}
    package = ROOT / "dlldecode"
    ours = {path for path in package.rglob("*") if path.suffix in (".py", ".json", ".safetensors", ".txt")}
    assert presets | {path.relative_to(ROOT).as_posix() for path in ours} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.split("/")[0] in ("tests", "docs", "presets")]


def test_the_package_comes_from_the_wheel_alone(home):
    code = "import dlldecode, sys; print(dlldecode.__file__); print([p for p in sys.path if p == sys.argv[1]])"
    file, paths = run(home, "python", "-c", code, str(ROOT)).splitlines()
    assert home in Path(file).parents and ROOT not in Path(file).parents
    assert paths == "[]"


def test_it_answers(home):
    assert FINAL in run(home, "dlldecode", "generate", "--strategy", "threshold", QUESTION).splitlines()


def test_it_finds_its_presets(home):
    command = ["dlldecode", "generate", "-p", "paper/fast-dllm", "--dry-run", "-f", "json", QUESTION]
    assert json.loads(run(home, *command))["decode.max_tokens"] == 256
    (folder,) = run(home, "dlldecode", "presets", "path").splitlines()[-1:]
    assert home in Path(folder).parents
