"""Where a number comes from: which code, which versions, which device.

With this file you can: say of a measurement exactly what would be needed to repeat it.
"""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import torch

PACKAGE = Path(__file__).resolve().parent.parent


def commit() -> str:
    """Commit of the checkout this package runs from, or the package's version where there is none.

    A trailing ``+`` says that the package's files differ from that commit (the stored results aside).

    Examples
    --------
    >>> len(commit()) > 0
    True
    """
    git = shutil.which("git")
    if git is None or not (PACKAGE.parent / ".git").exists():
        return f"version {version('wavelets-course')}"

    def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  (fixed arguments, no shell)
            [git, "-C", str(PACKAGE), *arguments], capture_output=True, text=True, check=False
        )

    head = ask("rev-parse", "--short=12", "HEAD")
    if head.returncode != 0:
        return f"version {version('wavelets-course')}"
    code = (str(PACKAGE), f":(exclude){PACKAGE / 'claims' / 'results.json'}")
    edited = bool(ask("status", "--porcelain", "--", *code).stdout.strip())
    return head.stdout.strip() + "+" * edited


def device(needs: tuple[str, ...] = ()) -> str:
    """The device in words: the GPU's name for claims that need one, else processor and core count.

    Examples
    --------
    >>> device().startswith("CPU")
    True
    """
    if "cuda" in needs and torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"CPU ({platform.machine()}, {os.cpu_count()} cores)"


def versions() -> dict[str, str]:
    """Versions that a number may depend on.

    Examples
    --------
    >>> sorted(versions())
    ['numpy', 'python', 'torch', 'wavelets-course']
    """
    found = {name: version(name) for name in ("numpy", "torch", "wavelets-course")}
    return found | {"python": platform.python_version()}
