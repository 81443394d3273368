"""Names to folders; the hub's client is replaced, so that nothing here needs a network."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import errors

from dlldecode.errors import ModelError, UsageError
from dlldecode.models import hub
from dlldecode.models.load import load

from .checkpoints import write_json, write_llada

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """A hub that has every repository; returns what was asked of it."""
    folder, calls = tmp_path / "snapshots" / COMMIT, []

    def download(**wanted):
        calls.append(wanted)
        if not folder.exists():
            write_llada(folder)
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    return calls


def failing(monkeypatch, error):
    def download(**wanted):
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


def answered(kind):
    """A hub error as the client builds it, without a response."""
    error = kind.__new__(kind)
    Exception.__init__(error, "said the hub")
    return error


@pytest.mark.parametrize("alias", hub.ALIASES)
def test_aliases(alias, asked):
    source = hub.resolve(alias)
    assert asked[-1]["repo_id"] == hub.ALIASES[alias]
    assert all(call["local_files_only"] is False for call in asked)
    assert (source.name, source.revision) == (alias, COMMIT)


def test_hub_id_with_a_revision(asked):
    model = load("Some-one/a_Model.v2", revision="main", device="cpu")
    assert asked[-1]["repo_id"] == "Some-one/a_Model.v2" and asked[-1]["revision"] == "main"
    assert (model.name, model.revision) == ("Some-one/a_Model.v2", COMMIT)


def test_neither_code_nor_pickles_are_downloaded(asked):
    hub.resolve("llada")
    wanted = asked[-1]["allow_patterns"]
    for name in ("modeling_llada.py", "pytorch_model.bin", "tokenization.py", "model.pt", "README.md"):
        assert not any(fnmatch.fnmatch(name, pattern) for pattern in wanted)
    for name in ("config.json", "model-00001-of-00006.safetensors", "merges.txt", "chat_template.jinja"):
        assert any(fnmatch.fnmatch(name, pattern) for pattern in wanted)


def test_weights_of_another_family_are_not_downloaded(asked, tmp_path):
    folder = write_llada(tmp_path / "snapshots" / COMMIT)
    write_json(folder / "config.json", {"model_type": "llama"})
    with pytest.raises(ModelError, match="model_type = 'llama'"):
        hub.resolve("someone/llama")
    assert [call["allow_patterns"] for call in asked] == [["config.json"]]


def test_offline(monkeypatch, asked):
    hub.resolve("llada", offline=True)
    assert all(call["local_files_only"] for call in asked)
    failing(monkeypatch, answered(errors.LocalEntryNotFoundError))
    with pytest.raises(ModelError, match="`dlldecode models pull llada` first"):
        hub.resolve("llada", offline=True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="`dlldecode models pull dream --revision v1` first"):
        hub.resolve("dream", "v1")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (answered(errors.GatedRepoError), "is gated"),
        (answered(errors.RepositoryNotFoundError), "is not on the hub"),
        (answered(errors.RevisionNotFoundError), "has no revision 'v9'"),
        (answered(errors.LocalEntryNotFoundError), "check the network"),
        (ConnectionError("no route to host"), r"cannot be downloaded \(no route to host\)"),
    ],
)
def test_failures_of_the_hub(error, said, monkeypatch):
    failing(monkeypatch, error)
    with pytest.raises(ModelError, match=said) as caught:
        hub.resolve("owner/name", "v9")
    assert caught.value.exit_code == 3 and "owner/name" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lada", "did you mean 'llada'"),
        ("dreem", "did you mean 'dream'"),
        ("./weights", "an existing folder"),
        ("a/b/c", "an existing folder"),
        ("qqqqqq", "give an alias"),
        ("", "give an alias"),
    ],
)
def test_names_that_are_nothing(name, said):
    with pytest.raises(ModelError, match=said):
        hub.resolve(name)


def test_folder(tmp_path, monkeypatch):
    write_llada(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert hub.resolve("mine") == hub.Source(Path("mine"), "mine", None)
    with pytest.raises(UsageError, match="revision"):
        hub.resolve("mine", "main")


def test_tiny_is_bundled():
    source = hub.resolve("tiny", offline=True)
    assert source.folder == hub.BUNDLED and source.is_bundled and source.revision is None


def test_what_is_in_the_cache(tmp_path, monkeypatch):
    home = tmp_path / "hub"
    ours, theirs = (home / f"models--{name}" for name in ("GSAI-ML--LLaDA-8B-Instruct", "someone--llama"))
    for repository in (ours, theirs):
        (repository / "blobs").mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(COMMIT)
    write_llada(ours / "snapshots" / COMMIT)
    (theirs / "snapshots" / COMMIT).mkdir(parents=True)
    write_json(theirs / "snapshots" / COMMIT / "config.json", {"model_type": "llama"})
    monkeypatch.setattr(hub, "BUNDLED", tmp_path / "none")
    scan = huggingface_hub.scan_cache_dir
    monkeypatch.setattr(huggingface_hub, "scan_cache_dir", lambda: scan(home))
    (found,) = hub.cached()
    assert (found.alias, found.id, found.revision) == ("llada", "GSAI-ML/LLaDA-8B-Instruct", COMMIT)
    assert found.size > 100_000
    monkeypatch.setattr(huggingface_hub, "scan_cache_dir", lambda: scan(tmp_path / "nowhere"))
    assert hub.cached() == []
