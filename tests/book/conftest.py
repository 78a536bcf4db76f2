"""What the book's tests share: the makers in book/make, the notebooks, the built site, a browser."""

import fcntl
import http.server
import importlib.util
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = ROOT / "book" / "make"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def maker() -> Callable[[str], ModuleType]:
    """Load a file of book/make by name; the folder goes last on the path, where `site` hides nothing."""
    if str(MAKE) not in sys.path:
        sys.path.append(str(MAKE))

    def load(name: str) -> ModuleType:
        if name != "site":
            return importlib.import_module(name)
        spec = importlib.util.spec_from_file_location("book_site", MAKE / "site.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def newest_source() -> float:
    """When anything that the site is made from was last changed."""
    sources = [ROOT / "_config.yml", ROOT / "_toc.yml"]
    sources += [path for folder in ("book", "lectures") for path in (ROOT / folder).rglob("*")]
    return max(path.stat().st_mtime for path in sources if path.is_file() and path.suffix != ".pyc")


@pytest.fixture(scope="session")
def built_site(maker: Callable[[str], ModuleType]) -> Path:
    """The site in _build/html, made again if anything in it has changed since."""
    target = ROOT / "_build" / "html"
    target.parent.mkdir(exist_ok=True)
    with (target.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        index = target / "index.html"
        if not index.exists() or index.stat().st_mtime < newest_source():
            wrong = maker("site").make(ROOT, target)
            assert not wrong, "\n".join(wrong)
    return target


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def served_site(built_site: Path) -> Iterator[str]:
    """The address where the site is served from this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=built_site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A headless Chromium with a profile of its own."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()
