"""A download ends with whole, checked files, or leaves the folder as it was."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wavelets_course.datasets import DownloadError, check_files, data_folder, download, fetch, known_files

from .conftest import TinySet


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """A web server on this machine: its address, and the folder it serves."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/", folder
        running.shutdown()
        thread.join()


def states(name: str) -> set[str]:
    return {report.state for report in check_files(name)}


def everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() or path.name.startswith(".")]


def offer(tiny: TinySet, monkeypatch: pytest.MonkeyPatch, *mirrors: str) -> None:
    monkeypatch.setitem(known_files.DATA_SETS, tiny.name, tiny.table(mirrors))


def test_fetches_into_a_folder_with_a_space(
    tiny: TinySet, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.serve(server[1])
    offer(tiny, monkeypatch, server[0])
    folder = fetch(tiny.name)
    assert folder == data_folder()
    assert " " in str(folder)
    assert states(tiny.name) == {"intact"}
    assert len(everything_in(folder)) == len(tiny.files)


def test_second_mirror_serves_when_the_first_does_not(
    tiny: TinySet, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.serve(server[1])
    offer(tiny, monkeypatch, server[0] + "nothing-here/", server[0])
    fetch(tiny.name)
    assert states(tiny.name) == {"intact"}


def test_intact_set_needs_no_network(tiny: TinySet) -> None:
    tiny.write(data_folder())
    assert fetch(tiny.name) == data_folder()  # the table points at a port where nobody listens


def test_only_what_is_missing_or_damaged_is_replaced(
    tiny: TinySet, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.serve(server[1])
    offer(tiny, monkeypatch, server[0])
    root = tiny.write(data_folder())
    damaged, missing, kept, *_ = tiny.files
    (root / damaged).write_bytes(b"half")
    (root / missing).unlink()
    before = (root / kept).stat().st_ino
    fetch(tiny.name)
    assert states(tiny.name) == {"intact"}
    assert (root / kept).stat().st_ino == before


@pytest.mark.untyped
@pytest.mark.parametrize("fault", ["absent", "truncated", "another file"])
def test_a_bad_server_leaves_nothing_behind(
    fault: str, tiny: TinySet, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.serve(server[1])
    offer(tiny, monkeypatch, server[0])
    last = server[1] / list(tiny.archives)[-1]
    if fault == "absent":
        last.unlink()
    else:
        last.write_bytes(last.read_bytes()[:-9] if fault == "truncated" else b"<html>Please log in</html>")
    with pytest.raises(
        DownloadError, match=rf"{tiny.name}: the download into .* failed.*copy these files there"
    ):
        fetch(tiny.name)
    assert everything_in(data_folder()) == []


@pytest.mark.untyped
def test_archive_with_the_right_md5_but_wrong_content_is_refused(
    tiny: TinySet, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last word is the SHA-256 of the unpacked file, not the archive's MD5."""
    tiny.serve(server[1])
    honest = tiny.files
    tiny.files = {path: content + b"!" for path, content in honest.items()}
    offer(tiny, monkeypatch, server[0])
    with pytest.raises(DownloadError, match=r"is not what was published \(SHA-256 [0-9a-f]{64} instead of"):
        fetch(tiny.name)
    assert everything_in(data_folder()) == []


@pytest.mark.parametrize("damage", [b"half", None])
def test_interruption_leaves_what_was_there_and_a_second_try_works(
    damage: bytes | None, tiny: TinySet, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.serve(server[1])
    offer(tiny, monkeypatch, server[0])
    path = data_folder() / next(iter(tiny.files))
    if damage is not None:
        path.parent.mkdir(parents=True)
        path.write_bytes(damage)

    def interrupt(url: str, root: str, filename: str, md5: str) -> None:
        Path(root, filename).write_bytes(b"so far")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(download, "download_url", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(tiny.name)
    assert everything_in(data_folder()) == ([path] if damage is not None else [])
    fetch(tiny.name)
    assert states(tiny.name) == {"intact"}


@pytest.mark.untyped
def test_no_network_says_what_to_do(tiny: TinySet) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(tiny.name)
    text = str(caught.value)
    assert "Connection refused" in text
    assert f"run `wavelets-course data fetch {tiny.name}` again" in text
    assert all(path in text for path in tiny.files)


@pytest.mark.untyped
def test_a_file_where_the_folder_should_be(tiny: TinySet, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("not a folder")
    with pytest.raises(DownloadError, match="File exists"):
        fetch(tiny.name, tmp_path / "occupied")
