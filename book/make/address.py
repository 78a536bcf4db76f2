"""Write the repository's address wherever it derives from the one setting, pyproject.toml's ``Repository``.

``address.py URL`` changes the setting first; without a URL, what is edited there by hand is carried on.
CITATION.cff's ``repository-code`` remembers the address that was written last, so every place that names it
is found: links, badges, the site's own address, the notebooks' Colab cells.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r'^(Repository = ")[^"]*(")$', re.MULTILINE)
MEMORY = re.compile(r'^repository-code: "?([^"\n]+)"?$', re.MULTILINE)


@dataclass(frozen=True)
class Address:
    """A repository on GitHub and what derives from it."""

    owner: str
    name: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read ``https://github.com/OWNER/NAME``."""
        match = re.fullmatch(r"https://github\.com/([\w-]+)/([\w.-]+?)(?:\.git)?/?", url)
        if match is None:
            expected = "https://github.com/OWNER/NAME (Colab and Pages need GitHub)"
            raise ValueError(
                f"address: expected {expected}, got {url!r}; call `make address URL=...` with one."
            )
        return cls(*match.groups())

    @property
    def repository(self) -> str:
        return f"https://github.com/{self.owner}/{self.name}"

    @property
    def site(self) -> str:
        """Where GitHub Pages serves the book."""
        return f"https://{self.owner.lower()}.github.io/{self.name}/"

    def forms(self) -> list[tuple[re.Pattern[str], str]]:
        """How a text may name the address: a pattern for each form and the form itself."""
        slug, pages = f"{self.owner}/{self.name}", self.site.removeprefix("https://").removesuffix("/")
        return [(re.compile(rf"(?<![\w.-]){re.escape(form)}(?![\w-])"), form) for form in (slug, pages)]


def setting(root: Path) -> Address:
    """The address that pyproject.toml sets."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return Address.parse(pyproject["project"]["urls"]["Repository"])


def written(root: Path) -> Address:
    """The address that the other files name, as CITATION.cff remembers it."""
    match = MEMORY.search((root / "CITATION.cff").read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(
            "address: CITATION.cff has no `repository-code:`; add one with the address in use now."
        )
    return Address.parse(match[1])


def texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Every text file that git knows or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    for name in sorted(set(filter(None, names.split("\0")))):
        path = root / name
        try:
            yield path, path.read_bytes().decode("utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


def rewrite(text: str, old: Address, new: Address) -> str:
    """Put the new address in the place of each form of the old one."""
    for (pattern, _), (_, form) in zip(old.forms(), new.forms(), strict=True):
        text = pattern.sub(form, text)
    return text


def move(root: Path, url: str | None = None) -> list[Path]:
    """Change the setting if a URL is given, then all that derives from it; returns the files that changed."""
    changed = []
    pyproject = root / "pyproject.toml"
    if url is not None and Address.parse(url) != setting(root):
        text = pyproject.read_text(encoding="utf-8")
        pyproject.write_text(
            SETTING.sub(rf"\g<1>{Address.parse(url).repository}\g<2>", text), encoding="utf-8"
        )
        changed.append(pyproject)
    old, new = written(root), setting(root)
    for path, text in texts(root):
        if path != pyproject and (after := rewrite(text, old, new)) != text:
            path.write_bytes(after.encode("utf-8"))
            changed.append(path)
    return changed


def main(arguments: list[str]) -> int:
    """Move and say what changed."""
    try:
        changed = move(ROOT, arguments[0] if arguments else None)
    except ValueError as failure:
        print(failure)
        return 1
    address = setting(ROOT)
    print(f"address: {address.repository}, the site at {address.site}")
    print(
        "".join(f"  changed {path.relative_to(ROOT)}\n" for path in changed) or "  nothing to change",
        end="\n",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
