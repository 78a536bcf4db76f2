"""What sizes WavPool and its baselines take: of images, of levels, of layers."""

from torch import Tensor

from ...filters.whole import whole
from ...transforms import max_level


def level_sizes(shape: tuple[int, int], J: int | None = None) -> list[tuple[int, int]]:
    """Rows and columns of the details of each Haar level, finest first: every side halved, rounded up.

    Examples
    --------
    >>> level_sizes((28, 28))
    [(14, 14), (7, 7), (4, 4), (2, 2)]
    """
    deepest = max_level(shape, "haar")
    levels = deepest if J is None else whole("WavPool", "J", J)
    if not 1 <= levels <= deepest:
        raise ValueError(
            f"WavPool: a {shape[0]}x{shape[1]} image has {deepest} Haar levels, and {levels} were asked for; "
            + ("enlarge the image with signals.extend." if deepest == 0 else f"use J from 1 to {deepest}.")
        )
    return [(-(-shape[0] >> j), -(-shape[1] >> j)) for j in range(1, levels + 1)]


def check_images(operation: str, x: Tensor, wanted: tuple[int, int, int]) -> None:
    """Refuse images that are not ``(batch, *wanted)``."""
    if x.ndim != 4 or tuple(x.shape[1:]) != wanted:
        raise ValueError(
            f"{operation}: expected images (batch, {', '.join(map(str, wanted))}), got {tuple(x.shape)}; "
            "make the model for their shape, or give grey images a channel: x[:, None]."
        )


def checked_size(operation: str, name: str, size: int | tuple[int, int]) -> tuple[int, int]:
    """Rows and columns, both at least 1."""
    rows, columns = (size, size) if not isinstance(size, tuple) else size
    return positive(operation, name, rows), positive(operation, name, columns)


def positive(operation: str, name: str, value: int) -> int:
    """A whole number of at least 1."""
    number = whole(operation, name, value)
    if number < 1:
        raise ValueError(f"{operation}: {name} must be at least 1, got {number}.")
    return number
