"""Where compiled kernels are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

FOLDERS = {"TRITON_CACHE_DIR": "triton", "TORCHINDUCTOR_CACHE_DIR": "inductor"}


def keep() -> None:
    """Let Triton and torch's compiler keep what they compile in the user's cache folder, unless they are told where."""
    import platformdirs

    root = Path(platformdirs.user_cache_dir("dlldecode")) / "kernels"
    for variable, folder in FOLDERS.items():
        os.environ.setdefault(variable, str(root / folder))
