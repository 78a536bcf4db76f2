"""Needs: what is absent is named, damaged data is absent, unknown names are refused."""

from pathlib import Path

import pytest
import torch

from wavelets_course.claims.needs import absent


def test_data_that_is_not_there_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELETS_COURSE_DATA", str(tmp_path))
    assert absent(["mnist", "cifar10"]) == ["mnist", "cifar10"]


def test_cuda_is_asked_of_torch() -> None:
    assert absent(["cuda"]) == ([] if torch.cuda.is_available() else ["cuda"])


@pytest.mark.untyped
def test_unknown_need() -> None:
    with pytest.raises(ValueError, match=r"absent: 'MNISTT' is not a known need; use one of cifar10, cuda, "):
        absent(["MNISTT"])
