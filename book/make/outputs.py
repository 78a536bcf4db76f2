"""What a committed notebook may keep of a run: text and PNG pictures, nothing of the machine or the hour."""

from __future__ import annotations

import io
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode
from PIL import Image

DOTS_PER_INCH = 96
PIXEL_NOISE = 8  # of 255: what another processor or font renderer may change in a picture that shows the same
MACHINE = re.compile(
    r"(?<![\w.:/])/(?:home|root|Users|tmp|var|work|opt|usr|content)/\S*|[A-Z]:\\\S+|site-packages\S*"
    r"|\bat 0x[0-9a-f]{4,}\b"
)


class UnfitError(ValueError):
    """An output that may not be committed; the message says why and what to do."""


def cleaned(cell: NotebookNode) -> list[NotebookNode]:
    """Give the outputs of a code cell as they are committed.

    Raises
    ------
    UnfitError
        If the cell wrote to stderr, shows a path or an address of this machine, a picture that is not PNG,
        or a picture without a text that replaces it.
    """
    return [_cleaned(output) for output in cell.outputs]


def _cleaned(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        if output.name == "stderr":
            raise UnfitError(
                f"writes to stderr: {output.text.strip()[:300]!r}; mend what warns, or do without"
            )
        return NotebookNode(output_type="stream", name="stdout", text=_portable(output.text))
    if output.output_type == "error":
        raise UnfitError(f"raises {output.ename}: {output.evalue}")
    if "image/png" in output.data:
        data, metadata = _picture(output)
    elif any(kind.startswith("image/") for kind in output.data):
        raise UnfitError(f"shows {', '.join(output.data)}; show a figures.Figure, it is a PNG with a text")
    else:
        data, metadata = {"text/plain": _portable(output.data.get("text/plain", ""))}, {}
    kept = NotebookNode(
        output_type=output.output_type, data=NotebookNode(data), metadata=NotebookNode(metadata)
    )
    if output.output_type == "execute_result":
        kept["execution_count"] = output.execution_count
    return kept


def _picture(output: NotebookNode) -> tuple[dict[str, str], dict[str, Any]]:
    """A picture: its text replaces it, and its density is the book's."""
    alt = output.metadata.get("image/png", {}).get("alt", "")
    if not alt:
        raise UnfitError("shows a picture without a text that replaces it; show a figures.Figure(alt=...)")
    png = output.data["image/png"].replace("\n", "")
    with Image.open(io.BytesIO(b64decode(png))) as image:
        density = image.info.get("dpi", (DOTS_PER_INCH, DOTS_PER_INCH))[0]
        if round(density) != DOTS_PER_INCH:
            buffer = io.BytesIO()
            smaller = [round(side * DOTS_PER_INCH / density) for side in image.size]
            image.convert("RGB").resize((smaller[0], smaller[1])).save(
                buffer, "PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH)
            )
            png = b64encode(buffer.getvalue()).decode("ascii")
    return {"image/png": png, "text/plain": _portable(alt)}, {"image/png": {"alt": _portable(alt)}}


def _portable(text: str) -> str:
    found = MACHINE.search(text)
    if found:
        raise UnfitError(f"shows {found[0]!r}, which is of this machine only; show less")
    return text


def kept_where_same(old: Sequence[NotebookNode], new: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Give the new outputs, but the old where both show the same; pictures may differ by `PIXEL_NOISE`."""
    if len(old) != len(new):
        return list(new)
    return [before if _same(before, after) else after for before, after in zip(old, new, strict=True)]


def _same(old: NotebookNode, new: NotebookNode) -> bool:
    def without_picture(output: NotebookNode) -> dict[str, Any]:
        data = {kind: text for kind, text in output.get("data", {}).items() if kind != "image/png"}
        return {**output, "data": data}

    if without_picture(old) != without_picture(new):
        return False
    pictures = [output.get("data", {}).get("image/png") for output in (old, new)]
    if pictures[0] == pictures[1]:
        return True
    return None not in pictures and _same_picture(*map(str, pictures))


def _same_picture(old: str, new: str) -> bool:
    before, after = (
        np.asarray(Image.open(io.BytesIO(b64decode(png))).convert("RGB"), int) for png in (old, new)
    )
    return before.shape == after.shape and int(np.abs(before - after).max(initial=0)) <= PIXEL_NOISE


def size(path: Path) -> str:
    """Say a file's size in kilobytes."""
    return f"{path.stat().st_size / 1000:.0f} kB"
