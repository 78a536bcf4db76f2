"""How much an image is extended before it is scattered."""

from ..filters.gabor import checked_counts


def padded_shape(shape: tuple[int, int], J: int) -> tuple[int, int]:
    """Grid on which an image is scattered: the next multiple of ``2**J`` with half a cell to spare a side.

    Parameters
    ----------
    shape
        The image, (height, width).
    J
        Number of scales.

    Returns
    -------
    tuple of int
        ``(size // 2**J + 2) * 2**J`` for each size, as in kymatio.

    Raises
    ------
    TypeError
        If ``J`` is not an integer.
    ValueError
        If ``J`` is less than 1.

    Examples
    --------
    >>> padded_shape((224, 31), J=3)
    (240, 40)
    """
    step = 2 ** checked_counts("padded_shape", J, L=1)[0]
    height, width = ((size // step + 2) * step for size in shape)
    return height, width


def margins(shape: tuple[int, int], J: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Pixels to add: ((top, bottom), (left, right)), an odd one at the bottom or on the right.

    Parameters
    ----------
    shape, J
        As in `padded_shape`.

    Returns
    -------
    tuple
        In the form that `signals.extend` takes.

    Examples
    --------
    >>> margins((224, 31), J=3)
    ((8, 8), (4, 5))
    """
    extra = [padded - size for padded, size in zip(padded_shape(shape, J), shape, strict=True)]
    (top, bottom), (left, right) = ((total // 2, total - total // 2) for total in extra)
    return (top, bottom), (left, right)
