"""The environment is made once, again when what it is made from changes, and anew after an interruption."""

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

PYPROJECT = '[project]\nname = "toy"\nversion = "1"\n[tool.ruff]\nline-length = 80\n'


@pytest.fixture
def scripts(load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load("environment")
    monkeypatch.setattr(module, "VENV", ("-m", "venv", "--without-pip"))  # a tenth of a second, not three
    monkeypatch.setattr(module, "PAUSES", (0, 0))
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder with spaces, ü"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "requirements.txt").write_text("torch==1\n")
    return folder


class Recorder:
    """Stands for pip: remembers the commands, and stops at the one that it is told to stop at."""

    def __init__(self, stop_at: int = -1) -> None:
        self.commands: list[str] = []
        self.stop_at = stop_at

    def __call__(self, command: Sequence[str]) -> None:
        if len(self.commands) == self.stop_at:
            raise KeyboardInterrupt
        self.commands.append(" ".join(command[command.index("install") :]))


def test_made_from_nothing_then_left_alone(scripts: ModuleType, project: Path) -> None:
    environment, first, second = scripts.Environment(project), Recorder(), Recorder()
    assert scripts.prepare(environment, first) == "everything"
    assert [command.split()[-2:] for command in first.commands] == [
        ["-r", "requirements.txt"],
        ["--editable", "."],
    ]
    assert environment.python.exists()
    assert environment.stamp.exists()
    assert not environment.unfinished.exists()
    assert scripts.prepare(environment, second) == "nothing"
    assert second.commands == []


def test_only_what_changed_is_done(scripts: ModuleType, project: Path) -> None:
    environment = scripts.Environment(project)
    scripts.prepare(environment, Recorder())
    (project / "pyproject.toml").write_text(PYPROJECT.replace("80", "110"))
    assert scripts.work_to_do(environment) == "nothing"  # a tool's setting installs nothing
    (project / "pyproject.toml").write_text(PYPROJECT.replace('"1"', '"2"'))
    pip = Recorder()
    assert scripts.prepare(environment, pip) == "project"
    assert len(pip.commands) == 1
    (project / "requirements.txt").write_text("torch==2\n")
    (environment.path / "kept").touch()
    assert scripts.prepare(environment, Recorder()) == "packages"
    assert (environment.path / "kept").exists()
    assert scripts.work_to_do(environment) == "nothing"


@pytest.mark.parametrize("stop_at", [0, 1])
def test_an_interrupted_one_is_made_anew(scripts: ModuleType, project: Path, stop_at: int) -> None:
    environment = scripts.Environment(project)
    with pytest.raises(KeyboardInterrupt):
        scripts.prepare(environment, Recorder(stop_at))
    (environment.path / "half a package").mkdir()
    assert scripts.prepare(environment, Recorder()) == "everything"
    assert not (environment.path / "half a package").exists()
    assert scripts.work_to_do(environment) == "nothing"


def test_an_interrupted_update_is_redone(scripts: ModuleType, project: Path) -> None:
    environment = scripts.Environment(project)
    scripts.prepare(environment, Recorder())
    (project / "requirements.txt").write_text("torch==2\n")
    with pytest.raises(KeyboardInterrupt):
        scripts.prepare(environment, Recorder(1))
    assert scripts.work_to_do(environment) == "packages"


def test_made_anew_when_moved_broken_or_of_another_python(scripts: ModuleType, project: Path) -> None:
    scripts.prepare(scripts.Environment(project), Recorder())
    moved = scripts.Environment(project.rename(project.with_name("moved")))
    assert scripts.prepare(moved, Recorder()) == "everything"
    moved.python.unlink()
    moved.python.symlink_to("no-such-python")
    assert scripts.prepare(moved, Recorder()) == "everything"
    moved.python.unlink()
    moved.python.write_text("#!/bin/sh\necho 3.9\n")
    moved.python.chmod(0o755)
    assert scripts.work_to_do(moved) == "everything"


def test_one_made_by_hand_is_adopted(scripts: ModuleType, project: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=project, check=True)
    (project / ".venv" / "kept").touch()
    assert scripts.prepare(scripts.Environment(project), Recorder()) == "packages"
    assert (project / ".venv" / "kept").exists()


def test_a_link_to_another_disk_stays_and_a_dangling_one_goes(scripts: ModuleType, project: Path) -> None:
    disk = project.with_name("disk")
    environment = scripts.Environment(project)
    environment.path.symlink_to(disk)
    assert scripts.prepare(environment, Recorder()) == "everything"
    assert not environment.path.is_symlink()
    other = scripts.Environment(project, ".venv-other")
    disk.mkdir()
    other.path.symlink_to(disk)
    assert scripts.prepare(other, Recorder()) == "everything"
    assert other.path.is_symlink()
    assert scripts.work_to_do(other) == "nothing"


def test_a_damaged_stamp_is_no_stamp(scripts: ModuleType, project: Path) -> None:
    environment = scripts.Environment(project)
    scripts.prepare(environment, Recorder())
    assert set(json.loads(environment.stamp.read_text())) == {"python", "place", "requirements", "project"}
    environment.stamp.write_text("{")
    assert scripts.work_to_do(environment) == "packages"


def test_two_at_a_time_wait(scripts: ModuleType, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handle = os.open(project, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    environment = scripts.Environment(project)
    second = threading.Thread(target=scripts.prepare, args=(environment, Recorder()))
    second.start()
    second.join(0.5)
    waited = second.is_alive()
    os.close(handle)
    second.join(60)
    assert waited
    assert "waiting" in capsys.readouterr().out
    assert environment.stamp.exists()


def test_pip_is_tried_again_then_the_way_out_is_said(
    scripts: ModuleType, project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    count = tmp_path / "count"
    third_time = f"echo x >> '{count}'; test $(wc -l < '{count}') -ge 3"
    scripts.with_retries(["sh", "-c", third_time])
    assert len(count.read_text().split()) == 3
    with pytest.raises(subprocess.CalledProcessError):
        scripts.with_retries(["false"])
    (project / "requirements.txt").unlink()
    assert scripts.main(scripts.Environment(project)) == 1
    assert "run the same command again" in capsys.readouterr().out


def python_that(
    folder: Path, name: str, *, fits: bool, has_venv: bool = True, version: str = "3.12.1"
) -> None:
    """Write a program that answers find_python.sh as such a Python would."""
    script = f"""#!/bin/sh
case "$2" in
  *ensurepip*) exit {int(not (fits and has_venv))} ;;
  *) [ "$1" = --version ] && echo "Python {version}" && exit; exit {int(not fits)} ;;
esac
"""
    (folder / name).write_text(script)
    (folder / name).chmod(0o755)


def find(root: Path, folder: Path, wish: str = "") -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(root / "book" / "make" / "find_python.sh"), wish]
    surroundings = {"PATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


def test_the_first_python_that_fits(root: Path, tmp_path: Path) -> None:
    python_that(tmp_path, "python3", fits=False)
    python_that(tmp_path, "python3.13", fits=True, has_venv=False)
    python_that(tmp_path, "python3.12", fits=True)
    assert find(root, tmp_path).stdout == "python3.12\n"
    python_that(tmp_path, "python3", fits=True)
    assert find(root, tmp_path).stdout == "python3\n"
    assert find(root, tmp_path, "python3.12").stdout == "python3.12\n"


@pytest.mark.parametrize(
    ("pythons", "message"),
    [
        ({}, "needs Python 3.11, 3.12 or 3.13; found no python3"),
        ({"fits": False, "version": "3.9.2"}, "needs Python 3.11, 3.12 or 3.13; found Python 3.9.2"),
        ({"fits": True, "has_venv": False}, "apt-get install python3-venv"),
    ],
)
def test_without_a_python_the_way_out_is_said(
    root: Path, tmp_path: Path, pythons: dict[str, bool], message: str
) -> None:
    if pythons:
        python_that(tmp_path, "python3", **pythons)  # type: ignore[arg-type]
    answer = find(root, tmp_path)
    assert answer.returncode == 1
    assert message in answer.stderr


def test_a_wish_that_cannot_be_met(root: Path, tmp_path: Path) -> None:
    answer = find(root, tmp_path, "python9")
    assert answer.returncode == 1
    assert "PYTHON=python9 is not Python 3.11, 3.12 or 3.13 with venv" in answer.stderr
