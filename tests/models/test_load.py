"""Devices, dtypes, what a loaded model says of itself, and what loading must not import."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from dlldecode.errors import DeviceError, UsageError
from dlldecode.models import load as loading
from dlldecode.models import weights
from dlldecode.models.adapter import Query
from dlldecode.models.load import load

from .checkpoints import write_dream, write_llada


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(write_llada(tmp_path_factory.mktemp("llada")))


def test_what_a_model_says_of_itself(folder):
    model = load(folder, device="cpu")
    assert (model.name, model.revision, model.device, model.dtype) == (folder, None, "cpu", "float32")
    assert len(model.weights) == 64 and model.has_template
    end, turn = (model.tokenizer.token_id(name) for name in ("<|endoftext|>", "<|eot_id|>"))
    assert model.spec.stop_ids == (end, turn) and model.spec.end_of_text == end
    assert not any(parameter.requires_grad for parameter in model.trunk.parameters())


def test_dream_stops_at_the_end_of_a_turn(tmp_path):
    model = load(str(write_dream(tmp_path)), device="cpu")
    assert model.spec.stop_ids[1] == model.tokenizer.token_id("<|im_end|>")
    assert model.spec.shifted and model.spec.qkv_bias and not model.spec.rotary_float32


def test_the_digest_sees_the_weights(folder, tmp_path):
    other = write_llada(tmp_path)
    assert load(str(other)).weights == load(folder).weights
    path = other / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert load(str(other)).weights != load(folder).weights


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_dtypes(folder, dtype):
    assert load(folder, device="cpu", dtype=dtype).dtype == dtype


def test_unknown_dtype(folder):
    with pytest.raises(UsageError, match="no dtype 'int4'; choose auto, float32"):
        load(folder, dtype="int4")


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:a", ""])
def test_unknown_device(folder, device):
    with pytest.raises(UsageError, match="choose auto, cpu, cuda or cuda:N"):
        load(folder, device=device)


def test_missing_device(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for device in ("cuda", "cuda:1"):
        with pytest.raises(DeviceError, match=f"device {device} was asked for") as caught:
            load(folder, device=device)
        assert caught.value.exit_code == 4


def test_too_little_device_memory(folder, monkeypatch):
    def full(*given):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(loading, "build", full)
    with pytest.raises(DeviceError, match="too little memory"):
        load(folder)


def test_automatic_dtype(monkeypatch):
    assert loading.pick_dtype("auto", torch.device("cuda")) == torch.bfloat16
    assert loading.pick_dtype("auto", torch.device("cpu")) == torch.float32


LIGHT = """
import sys
from pathlib import Path
from dlldecode.models import hub
from dlldecode.models.load import load
hub.BUNDLED = Path(sys.argv[1])
model = load()
assert model.tokenizer.chat("the") and model.name == "tiny"
print(sorted({"transformers", "huggingface_hub"} & set(sys.modules)))
"""


def test_the_bundled_model_needs_neither_transformers_nor_the_hub(folder):
    run = [sys.executable, "-c", LIGHT, folder]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("write", [write_llada, write_dream])
def test_on_a_gpu(write, tmp_path):
    folder = str(write(tmp_path, shards=3))
    assert (load(folder).device, load(folder).dtype) == ("cuda:0", "bfloat16")
    pads, length = torch.tensor([0, 5, 17]), 20
    place = torch.arange(length).expand(3, length)
    query = Query(place + 3, None, (place - pads[:, None]).clamp(min=0), place >= pads[:, None], place[:, -3:])
    there = Query(*(part.cuda() if isinstance(part, torch.Tensor) else part for part in query))
    with torch.inference_mode():
        slow, quick = load(folder, device="cpu"), load(folder, dtype="float32")
        difference = quick.forward(there, quick.open(3, length)).cpu() - slow.forward(query, slow.open(3, length))
        assert difference.abs().max() < 1e-4
        model = load(folder)
        assert model.forward(there, model.open(3, length)).isfinite().all()


def test_kinds_of_numbers_that_are_read():
    assert set(weights.FLOATS) == {"F32", "F16", "BF16", "F64"}
