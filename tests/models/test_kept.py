"""Compiled kernels go to the user's cache folder, unless somebody said where."""

from dlldecode.models.kernels import kept


def test_kernels_are_kept_where_the_user_says_or_in_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("TRITON_CACHE_DIR", "/elsewhere")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")  # so that it is put back afterwards
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR")
    kept.keep()
    assert kept.os.environ["TRITON_CACHE_DIR"] == "/elsewhere"
    folder = kept.os.environ["TORCHINDUCTOR_CACHE_DIR"]
    assert folder.endswith("kernels/inductor") and ("dlldecode" in folder)
