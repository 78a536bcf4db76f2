"""The repository keeps its own promises: pins, bounds, names, sizes, documents, workflows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PACKAGE = sorted((ROOT / "wavelets_course").rglob("*.py"))
SCRIPTS = sorted([*(ROOT / "book" / "make").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def known_to_git() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    by_name = {canonicalize_name(pin.name): pin for pin in found}
    assert len(by_name) == len(found), "a package is pinned twice"
    return by_name


# The environment.


def test_every_requirement_is_one_exact_public_version() -> None:
    for pin in pins().values():
        (specifier,) = pin.specifier
        assert specifier.operator == "==", pin
        assert "*" not in specifier.version
        assert "+" not in specifier.version, f"{pin}: a local build is nobody else's"
        assert pin.url is None, pin


def test_the_pins_cover_and_respect_the_bounds_of_the_package() -> None:
    bounds = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["peers"]]
    for bound in map(Requirement, [*bounds, *PYPROJECT["build-system"]["requires"]]):
        (pin,) = pins()[canonicalize_name(bound.name)].specifier
        assert bound.specifier.contains(pin.version), f"{bound} but {pin}"


def test_the_package_has_lower_bounds_only() -> None:
    for bound in map(Requirement, PROJECT["dependencies"]):
        assert [specifier.operator for specifier in bound.specifier] == [">="], bound


def test_every_import_of_the_package_is_declared() -> None:
    names = {"PIL": "pillow", "pywt": "pywavelets", "skimage": "scikit-image", "sklearn": "scikit-learn"}
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    ours = {"wavelets_course", *sys.stdlib_module_names}
    ours |= {"IPython", "myst_nb"}  # a notebook's display and the site's renderer: used only where they are
    for path in PACKAGE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                modules.append(node.module or "")
            for module in {module.split(".")[0] for module in modules} - ours:
                assert names.get(module, canonicalize_name(module)) in declared, f"{relative(path)}: {module}"


def test_the_tested_pair_and_the_book_that_reads_our_settings() -> None:
    assert str(pins()["torch"]) == "torch==2.14.1"
    assert str(pins()["torchvision"]) == "torchvision==0.29.1"
    (book,) = pins()["jupyter-book"].specifier
    assert book.version.startswith("1.0.4")  # 2 reads neither _config.yml nor _toc.yml, and says nothing


def test_what_torch_pins_itself_is_not_pinned_twice() -> None:
    assert not [name for name in pins() if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_this_environment_is_the_pinned_one() -> None:
    installed = {canonicalize_name(found.name): found.version for found in distributions()}
    wrong = {
        name: installed.get(name, "absent")
        for name, pin in pins().items()
        if not (pin.marker and not pin.marker.evaluate())
        and not pin.specifier.contains(installed.get(name, "0"))
    }
    assert not wrong, f"{wrong}: `make environment` brings them to requirements.txt"


def test_pythons_agree() -> None:
    assert PROJECT["requires-python"] == ">=3.11,<3.14"
    versions = [line.rsplit(" ", 1)[-1] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    assert versions == ["3.11", "3.12", "3.13"]
    for text in (README, (ROOT / "book" / "make" / "find_python.sh").read_text()):
        assert "Python 3.11, 3.12 or 3.13" in text


# make.


def targets() -> dict[str, str]:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    return dict(match.groups() for line in lines if (match := re.match(r"([a-z]+):[^=#]*## (.+)", line)))


def test_make_alone_says_what_there_is() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name, what in targets().items():
        assert re.search(rf"^  {name} +{re.escape(what)}$", shown, re.MULTILINE), name


def test_every_target_is_phony_and_every_target_we_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert set(phony.split()) == set(targets())
    texts = [
        README,
        *((ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "CHANGELOG.md")),
    ]
    named = {name for text in texts for name in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)}
    assert {"book", "test"} <= named <= set(targets())


def test_make_calls_only_scripts_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in re.findall(r"book/make/\w+\.(?:py|sh)", makefile):
        assert (ROOT / name).is_file(), name


def test_no_path_of_the_makefile_breaks_at_a_space() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert not re.search(r"\$\((CURDIR|PWD|shell|abspath|realpath)", makefile)


# Documents.


def test_the_example_of_the_readme_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in code.splitlines() if line]) <= 12
    printed: list[str] = []
    exec(code, {"print": lambda value: printed.append(str(value))})
    promised = re.findall(r"print\(.*\)  # (.*)", code)
    assert printed == [promise.split(": ")[0] for promise in promised]
    assert len(printed) == 3


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for picture, title, target in re.findall(r"(!?)\[([^\]\[]*)\]\(([^)\s]+)\)", text):
        assert not picture or len(title) > 3, f"{target} has no alt text"
        assert target.startswith("https://") or (ROOT / target).exists(), f"{name} names {target}"


def test_contributing_fits_a_screen() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_the_citation_agrees_with_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]


def test_the_changelog_has_this_version_or_is_waiting_for_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0] == PROJECT["version"]
    assert set(re.findall(r"^### (\w+)", changelog, re.MULTILINE)) <= {
        "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security",
    }  # fmt: skip


def test_both_licences_are_stated() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for text in (licence, README):
        assert "BSD 3-Clause" in text
        assert "creativecommons.org/licenses/by/4.0" in text


# Workflows.


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_are_bounded_and_ask_for_little(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert "group" in workflow["concurrency"]
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 90, name
        assert set(job.get("permissions", {})) <= {"pages", "id-token"}, name
    for step in steps(workflow):
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]), step
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


def test_workflows_cover_what_is_promised() -> None:
    assert [path.stem for path in WORKFLOWS] == ["colab", "site", "test"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    assert "us-docker.pkg.dev/colab-images/public/runtime" in text
    assert all(f'"{version}"' in text for version in ("3.11", "3.12", "3.13"))
    for command in re.findall(r"make ([a-z]+)", text):
        assert command in targets()
    for script in re.findall(r"\.ci/\w+", text):
        assert (ROOT / script).stat().st_mode & 0o111, f"{script} cannot be executed"


@pytest.mark.parametrize("name", ["run", "chapters"])
def test_ci_scripts_stop_at_the_first_error(name: str) -> None:
    path = ROOT / ".ci" / name
    assert "set -euo pipefail" in path.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", path], check=True)


# The code's shape.


@pytest.mark.parametrize("path", [*PACKAGE, *SCRIPTS, *TESTS], ids=relative)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, "split it by idea"


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef, source: list[str]) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    lines = source[body[0].lineno - 1 : body[-1].end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


@pytest.mark.parametrize("path", [*PACKAGE, *SCRIPTS], ids=relative)
def test_no_function_is_too_long(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert lines_of_code(node, source.splitlines()) <= 40, node.name


def test_names_say_what_is_inside() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base", "tools", "lib"}
    for path in known_to_git():
        parts = path.relative_to(ROOT).parts
        assert not vague & {*parts[:-1], path.stem}, relative(path)


@pytest.mark.parametrize("path", sorted((ROOT / "wavelets_course").glob("*/__init__.py")), ids=relative)
def test_a_folder_opens_with_what_it_can_do_and_lists_its_names(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert (ast.get_docstring(tree) or "").startswith("With this folder you can: ")
    *imports, names = tree.body[1:]
    imported = []
    for node in imports:
        assert isinstance(node, ast.ImportFrom), ast.unparse(node)
        assert node.level == 1, ast.unparse(node)
        assert all(alias.name == alias.asname for alias in node.names), ast.unparse(node)
        imported += [alias.name for alias in node.names]
    assert isinstance(names, ast.Assign)
    assert ast.unparse(names.targets[0]) == "__all__"
    assert sorted(ast.literal_eval(names.value)) == sorted(imported)


def test_nothing_names_a_place_on_someones_machine() -> None:
    place = re.compile(r"(?<![\w.~/<])/(?:(?:home|Users)/(?!you|reader)|root/|work/|workspace/)[\w.-]+")
    for path in known_to_git():
        if relative(path).startswith("tests/"):  # a test may make up a place
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        assert not (found := place.search(text)), f"{relative(path)} names {found[0] if found else ''}"


def test_no_large_file_is_known_to_git() -> None:
    large = {
        relative(path): path.stat().st_size for path in known_to_git() if path.stat().st_size > 2_000_000
    }
    assert not large
