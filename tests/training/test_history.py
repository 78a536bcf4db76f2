"""What a history remembers: last, best, and a table that reads back."""

import csv
import io
import math
from dataclasses import fields
from pathlib import Path

import pytest

from wavelets_course.training import History, Record


def record(epoch: int, loss: float, top1: float = math.nan) -> Record:
    return Record(epoch=epoch, step=10 * epoch, lr=0.1, train_loss=loss, top1=top1)


def test_the_best_is_the_first_of_highest_top1() -> None:
    records = (record(1, 0.1), record(2, 0.9, 0.5), record(3, 0.8, 0.7), record(4, 0.7, 0.7))
    assert History(records).best.epoch == 3
    assert History(records).last.epoch == 4


def test_without_validation_the_lowest_loss_is_best() -> None:
    assert History((record(1, 0.5), record(2, 0.1), record(3, 0.2))).best.epoch == 2


def test_the_table_reads_back(tmp_path: Path) -> None:
    history = History((record(1, 0.1 + 0.2), record(2, 1e-17, 0.5)))
    text = history.to_csv(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text() == text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [field.name for field in fields(Record)]
    assert [float(row["train_loss"]) for row in rows] == [0.1 + 0.2, 1e-17]
    assert [row["top1"] for row in rows] == ["nan", "0.5"]


def test_an_empty_history_says_so() -> None:
    with pytest.raises(ValueError, match="no epoch was trained"):
        _ = History().last
    assert History().to_csv().startswith("epoch,step,lr,train_loss")
