import subprocess
import sys

import pytest
from typer.testing import CliRunner

from dlldecode.cli.app import app

SHARED = {
    "--model",
    "--strategy",
    "--preset",
    "--set",
    "--max-tokens",
    "--block-length",
    "--cache",
    "--steps",
    "--temperature",
    "--seed",
    "--batch-size",
    "--device",
    "--dtype",
    "--revision",
    "--offline",
    "--dry-run",
    "--quiet",
    "--verbose",
    "--debug",
    "--color",
    "--help",
}
OPTIONS = {
    "": {"--version", "--install-completion", "--show-completion", "--help"},
    "bench": SHARED - {"--strategy", "--preset"}
    | {"--task", "--limit", "--data-dir", "--axis", "--runs", "--warmup", "--format", "--export", "--out", "--resume"}
    | {
        "--fail-if",
        "--against",
        "--skip",
        "--allow-code",
        "--engine",
        "--workers",
        "--speed",
        "--prompt-tokens",
        "--load",
    },
    "generate": SHARED
    | {"--load", "--input", "--format", "--events", "--system", "--raw", "--stats"}
    | {"--view", "--trace"},
    "visualize": SHARED - {"--batch-size", "--dry-run"}
    | {"--load", "--replay", "--out", "--speed", "--at", "--layout"},
    "tune": SHARED - {"--strategy", "--preset"}
    | {"--grid", "--sampler", "--trials", "--task", "--limit", "--data-dir", "--objective", "--constraint", "--pick"}
    | {"--halving", "--save-preset", "--format", "--plot", "--x", "--y", "--study", "--out"}
    | {"--allow-code", "--engine", "--workers"},
    "presets": {"--help"},
    "presets ls": {"--help"},
    "presets show": {"--origin", "--help"},
    "presets check": {"--help"},
    "presets path": {"--help"},
    "models": {"--help"},
    "models ls": {"--help"},
    "models pull": {"--revision", "--help"},
    "doctor": {"--help"},
}
SHORT = {"-o", "-r", "-w", "-m", "-s", "-p", "-S", "-n", "-q", "-v", "-f", "-h"}
HEAVY = "('torch', 'transformers', 'numpy', 'pydantic', 'matplotlib', 'optuna')"


def declared(command):
    """The options that a command's help names at the start of a line."""
    result = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    lines = [line.strip() for line in result.output.splitlines() if line.startswith("  -")]
    return {word.rstrip(",") for line in lines for word in line.split()[:2] if word.startswith("-")}


@pytest.mark.parametrize("command", OPTIONS)
def test_the_options_of_every_command_are_frozen(command):
    """New knobs go into presets and are reached with --set."""
    found = declared(command)
    assert {name for name in found if name.startswith("--")} == OPTIONS[command]
    assert {name for name in found if not name.startswith("--")} <= SHORT


def test_no_help_imports_anything_heavy():
    commands = [command.split() for command in OPTIONS]
    script = (
        "import sys\nfrom dlldecode.cli.app import app\n"
        f"for command in {commands!r}:\n"
        "    try: app([*command, '--help'])\n"
        "    except SystemExit as end: assert not end.code\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == "[]\n"


def test_alone_it_shows_short_help():
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2 and 'dlldecode generate "Solve 3x + 5 = 20."' in result.output


def test_the_version():
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0 and result.output.startswith("dlldecode 0.")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["generat"], "No such command"),
        (["Solve 3x + 5 = 20."], 'To answer a prompt: dlldecode generate "..."'),
        (["help"], "See dlldecode --help"),
        (["generate", "two", "words"], "extra argument(s) (words); put the prompt in quotes."),
        (["generate", "x", "--input", "a.txt"], "A file goes to stdin: --input lines < prompts.txt"),
        (["generate", "x", "--dtype", "bf16"], "Invalid value for '--dtype': 'bf16' is not one of"),
        (["generate", "--fomat", "json"], "No such option: --fomat"),
        (["generate", "x", "--input", "li"], "is not one of 'text', 'lines', 'jsonl'"),
        (["models", "pull"], "Missing argument"),
    ],
)
def test_usage_errors(arguments, sentence):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2 and sentence in result.output
