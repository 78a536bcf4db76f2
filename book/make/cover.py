"""Draw the home page's picture: a photograph, and beside it the same picture sorted by scale."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

import wavelets_course as wc

ROOT = Path(__file__).resolve().parents[2]
SIDE = 256
SCALES = 3
CARD = (252, 252, 250)


def cover() -> Image.Image:
    """Lay the photograph and its Haar pyramid side by side on one card, at the same size."""
    photograph = wc.datasets.photograph("chelsea", size=SIDE)
    pyramid = wc.figures.pyramid(wc.transforms.wavedec2(photograph, "haar", J=SCALES))
    right = Image.open(io.BytesIO(pyramid.png())).convert("RGB")
    margin = right.width // 40
    inner = (right.width - 2 * margin, right.height - 2 * margin)
    pixels = (photograph * 255).round().clamp(0, 255).byte().numpy()
    left = Image.fromarray(pixels).resize(inner, Image.Resampling.LANCZOS)
    card = Image.new("RGB", (2 * right.width, right.height), CARD)
    card.paste(left.convert("RGB"), (margin, margin))
    card.paste(right, (right.width, 0))
    return card


def main() -> int:
    """Write ``book/_static/cover.png``."""
    path = ROOT / "book" / "_static" / "cover.png"
    cover().quantize(255, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"cover: {path.relative_to(ROOT)}, {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
