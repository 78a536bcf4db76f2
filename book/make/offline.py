"""Bundle the site, the notebooks and the package into build/offline.zip, to read without a network.

The bundle holds SHA256SUMS of all its files (`sha256sum -c SHA256SUMS` checks them) and carries no times of
this machine: the same files give the same bytes.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
BUNDLE = ROOT / "build" / "offline.zip"
README = """wavelets_course, to read without a network.

  site/index.html   the book: open it in a browser, no server is needed
  notebooks/        the executed chapters and lectures, for Jupyter
  wheel/            the package: pip install wheel/*.whl (its dependencies must be there, or a network)
  SHA256SUMS        sha256sum -c SHA256SUMS
"""


def contents(wheel_folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the bundle: name inside it, and bytes."""
    yield "README.txt", README.encode()
    yield "LICENSE", (ROOT / "LICENSE").read_bytes()
    for path in sorted(SITE.rglob("*")):
        if path.is_file():
            yield f"site/{path.relative_to(SITE).as_posix()}", path.read_bytes()
    for folder in ("book/chapters", "lectures"):
        for path in sorted((ROOT / folder).glob("*.ipynb")):
            yield f"notebooks/{path.name}", path.read_bytes()
    for path in sorted(wheel_folder.glob("*.whl")):
        yield f"wheel/{path.name}", path.read_bytes()


def build_wheel(folder: Path) -> None:
    """Build the package's wheel with the tools of this environment."""
    command = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True)


def write(bundle: Path, wheel_folder: Path) -> int:
    """Write the bundle and return the number of files in it."""
    bundle.parent.mkdir(exist_ok=True)
    sums, unfinished = [], bundle.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in contents(wheel_folder):
            archive.writestr(entry(name), data, zipfile.ZIP_DEFLATED)
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
        archive.writestr(entry("SHA256SUMS"), "".join(sums), zipfile.ZIP_DEFLATED)
    unfinished.replace(bundle)
    return len(sums)


def entry(name: str) -> zipfile.ZipInfo:
    """A file of the archive, under one folder and without this machine's clock."""
    info = zipfile.ZipInfo(f"wavelets_course/{name}")
    info.external_attr = 0o644 << 16
    return info


def main() -> int:
    """Build the site and the wheel, then the bundle."""
    print("offline: building the site, then the wheel", flush=True)
    if code := subprocess.run([sys.executable, "book/make/site.py"], cwd=ROOT, check=False).returncode:
        print("offline: no bundle without the site; `make book` says more")
        return code
    with tempfile.TemporaryDirectory(prefix="wavelets-course-") as scratch:
        build_wheel(Path(scratch))
        number = write(BUNDLE, Path(scratch))
    print(f"offline: {BUNDLE.relative_to(ROOT)}: {number} files, {BUNDLE.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
