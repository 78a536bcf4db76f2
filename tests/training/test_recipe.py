"""Recipes: files and settings, what follows from the data, data sets by name, and the command that follows
one."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from wavelets_course import datasets
from wavelets_course.cli import app
from wavelets_course.training import (
    CheckpointError,
    TrainingConfig,
    follow,
    known_data,
    load_weights,
    read_recipe,
    write_shards,
)

Run = Callable[..., tuple[int, str, str]]
MLP = ("network.name=LinearMLP", "network.hidden=16", "data.name=digits")
SHORT = ("training.epochs=2", "training.lr=0.05", "training.device=cpu")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            app(["train", *arguments], prog_name="wavelets-course")
        captured = capsys.readouterr()
        return int(stopped.value.code or 0), captured.out, captured.err

    return call


def sets(*settings: str) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]


@pytest.fixture
def pictures(tmp_path: Path, generator: torch.Generator) -> Path:
    """Dark and bright pictures in folders, five of each to train on, two to judge by."""
    for part, count in (("train", 5), ("val", 2)):
        for name, least in (("bright", 128), ("dark", 0)):
            folder = tmp_path / "pictures" / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = torch.randint(least, least + 128, (40, 50, 3), generator=generator)
                Image.fromarray(pixels.numpy().astype(np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "pictures"


def test_a_file_and_settings_that_change_it(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(
        "[network]\nname = 'WavPool'\nhidden = 30\n[data]\nname = 'mnist'\n"
        "[training]\nlr = 1\nmilestones = [2, 3]\nschedule = 'step'\n"
    )
    recipe = read_recipe(path, ["network.hidden=40", "training.precision=bf16", "data.augment = false"])
    assert recipe.network == {"name": "WavPool", "hidden": 40}
    assert recipe.data == {"name": "mnist", "augment": False}
    assert recipe.training == TrainingConfig(lr=1, milestones=(2, 3), schedule="step", precision="bf16")


@pytest.mark.untyped
@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        ("", [], "does not say which network; set network.name"),
        ("[network]\nname = 'A'", [], "does not say which data; set data.name"),
        ("[model]\nname = 'A'", [], r"there is no table \[model\]; a recipe has network, data, training"),
        ("network = 3", [], r"there is no table \[network\]"),
        ("[network", [], "recipe.toml is not TOML: "),
        ("", ["lr=3"], "expected TABLE.KEY=VALUE with the table one of network, data, training, got 'lr=3'"),
        ("", ["training.lr"], "expected TABLE.KEY=VALUE"),
        (
            "",
            [*MLP, "training.speed=3"],
            r"\[training\] has no setting speed; it takes accumulate, batch_size",
        ),
        ("", [*MLP, "training.lr=quick"], r"\[training\] .*'lr': 'quick'"),
        ("", [*MLP, "training.epochs=-1"], "epochs must be at least 0, got -1"),
    ],
)
def test_what_is_no_recipe_is_refused(text: str, settings: Any, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=expected):
        read_recipe(path, settings)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_recipe(tmp_path / "other.toml")


def test_a_recipe_draws_its_weights_from_the_seed() -> None:
    first, again = (follow(read_recipe(settings=[*MLP, *SHORT]))[1] for _ in range(2))
    other = follow(read_recipe(settings=[*MLP, *SHORT, "training.seed=1"]))[1]
    assert first.losses == again.losses
    assert first.losses[0] != other.losses[0]
    assert first.best.top1 > 0.6


@pytest.mark.untyped
def test_network_and_data_must_fit_the_recipe() -> None:
    with pytest.raises(ValueError, match=r"\[data\] has no setting speed; it takes name, size, augment"):
        follow(read_recipe(settings=[*MLP, "data.speed=3"]))
    with pytest.raises(ValueError, match="there is no data set 'letters'; choose one of digits, mnist"):
        follow(read_recipe(settings=[*MLP, "data.name=letters"]))
    with pytest.raises(ValueError, match="networks has no 'LeNet7'"):
        follow(read_recipe(settings=[*MLP, "network.name=LeNet7"]))
    with pytest.raises(ValueError, match=r"LinearMLP: .*width.*; it takes shape, hidden"):
        follow(read_recipe(settings=[*MLP, "network.width=3"]))


@pytest.mark.parametrize("kind", ["folder", "shards"])
def test_a_scattering_network_learns_from_folders_and_shards(
    kind: str, pictures: Path, tmp_path: Path
) -> None:
    place = pictures
    if kind == "shards":
        for part in ("train", "val"):
            samples = datasets.image_folder(pictures / part, transform=None)
            write_shards(
                map(samples.__getitem__, range(len(samples))),
                tmp_path / "shards" / part,
                classes=samples.classes,
            )
        place = tmp_path / "shards"
    settings = (
        "network.name=scatresnet10",
        f"data.name={kind}:{place}",
        "data.size=32",
        "training.batch_size=5",
    )
    model, history = follow(
        read_recipe(settings=[*settings, "training.epochs=1", "network.J=2", "training.device=cpu"])
    )
    assert len(history.losses) == 2
    assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 2)
    torch.testing.assert_close(model.mean.flatten(), torch.zeros(3))  # type: ignore[operator]


def test_a_frozen_first_layer_stays(pictures: Path) -> None:
    settings = ("network.name=standard_resnet", "network.depth=18", "network.frozen_first_layer=true")
    rest = (f"data.name=folder:{pictures}", "data.size=32", "training.epochs=1", "training.device=cpu")
    model, _ = follow(read_recipe(settings=[*settings, *rest]))
    first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
    assert not first.weight.requires_grad


def test_grey_and_colour_sets_are_normalised_once(monkeypatch: pytest.MonkeyPatch, generator: Any) -> None:
    def grey(train: bool, root: Any) -> Any:
        data = torch.randint(256, (30, 28, 28), generator=generator, dtype=torch.uint8)
        return SimpleNamespace(data=data, targets=torch.arange(30) % 10)

    def colour(train: bool, root: Any) -> Any:
        data = torch.randint(256, (30, 32, 32, 3), generator=generator, dtype=torch.uint8)
        return SimpleNamespace(data=data.numpy(), targets=[index % 10 for index in range(30)])

    monkeypatch.setattr(datasets, "mnist", grey)
    monkeypatch.setattr(datasets, "cifar10", colour)
    mnist = known_data("mnist")
    image, label = mnist.data.train[7]  # type: ignore[misc]
    assert (mnist.shape, mnist.channels, image.dtype, label) == ((28, 28), 1, torch.float32, 7)
    assert image.std() > 0.8
    moved, still = known_data("cifar10"), known_data("cifar10", augment=False)
    assert (moved.data.augment is not None, still.data.augment) == (True, None)
    assert still.data.train[0][0].std() > 0.8
    view = moved.data.augment(moved.data.train[0][0])  # type: ignore[misc]
    assert (view.shape, view.dtype) == ((3, 32, 32), torch.float32)


def test_parts_with_other_classes_are_refused(pictures: Path) -> None:
    (pictures / "val" / "bright").rename(pictures / "val" / "glaring")
    with pytest.raises(ValueError, match="2 classes to train on and 2 to judge by, or other names"):
        known_data(f"folder:{pictures}")


@pytest.mark.untyped
def test_the_command_trains_and_goes_on(run: Run, tmp_path: Path) -> None:
    network = ("--network", "LinearMLP", "--data", "digits", *sets("network.hidden=16", *SHORT))
    code, out, err = run(*network, "--folder", str(tmp_path / "a"))
    assert (code, err) == (0, "")
    assert re.match(r" +epoch  training loss  validation loss  top-1 +top-5\nbest +\d +\d\.\d{4}", out)
    table = (tmp_path / "a" / "history.csv").read_text()
    assert run(*network, "--folder", str(tmp_path / "a")) == (0, out, "")
    assert (tmp_path / "a" / "history.csv").read_text() == table
    model, _ = follow(read_recipe(settings=[*MLP, *SHORT, "training.epochs=0"]))
    load_weights(model, tmp_path / "a" / "best.safetensors")
    code, _, err = run(*network, "--folder", str(tmp_path / "a"), "--no-resume")
    assert code == 2
    assert "holds checkpoints of a run, and resume is False" in err


@pytest.mark.untyped
def test_the_command_says_in_one_sentence_what_is_wrong(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlp = ("--network", "LinearMLP", "--set", "network.hidden=16")
    for arguments, code, text in (
        ((str(tmp_path / "no.toml"),), 2, "there is no file"),
        (("--data", "digits"), 2, "does not say which network"),
        ((*mlp, "--data", "mnist", "--root", str(tmp_path)), 1, "wavelets-course data fetch mnist"),
        ((*mlp, "--data", "digits", *sets("training.lr=1e30")), 1, "lower lr"),
    ):
        found, out, err = run(*arguments)
        assert (found, out) == (code, "")
        assert err.startswith("error: ")
        assert text in err
        assert "Traceback" not in err

    def full(*arguments: Any) -> None:
        raise CheckpointError("fit: the disk is full")

    monkeypatch.setattr("wavelets_course.training.checkpoints.Checkpoints.save", full)
    found, _, err = run(*mlp, "--data", "digits", "--folder", str(tmp_path / "b"))
    assert (found, err) == (1, "error: fit: the disk is full\n")


def test_the_command_in_two_processes_speaks_once(tmp_path: Path) -> None:
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    words = ("-m", "wavelets_course", "train", *sets(*MLP, *SHORT), "--folder", str(tmp_path / "a"))
    done = subprocess.run(
        [sys.executable, "-W", "error", *launcher, *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("best") == 1
    assert len((tmp_path / "a" / "history.csv").read_text().splitlines()) == 3


@pytest.mark.skipif("WAVELETS_COURSE_DATA" not in os.environ, reason="needs WAVELETS_COURSE_DATA")
@pytest.mark.parametrize(
    ("name", "count", "shape", "channels"),
    [
        ("mnist", 60_000, (28, 28), 1),
        ("cifar10", 50_000, (32, 32), 3),
        ("imagenette_subset", 800, (64, 64), 3),
    ],
)
def test_real_sets(name: str, count: int, shape: tuple[int, int], channels: int) -> None:
    found = known_data(name, size=64)
    assert (len(found.data.train), found.shape, found.channels) == (count, shape, channels)
    assert found.data.validation is not None
    image, label = found.data.validation[3]  # type: ignore[misc]
    assert image.shape == (channels, *shape)
    assert 0 <= int(label) < 10
