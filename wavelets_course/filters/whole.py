"""Numbers that count things: of scales, of angles, of coefficients."""

import operator


def whole(operation: str, name: str, value: object) -> int:
    """Read a count as an int, and refuse what is none: a fraction would quietly mean something else.

    Parameters
    ----------
    operation, name
        Who asks, and for what: they begin the text of the error.
    value
        An int, or an integer of NumPy's or of a tensor.

    Returns
    -------
    int
        The same number.

    Raises
    ------
    TypeError
        If the value is a float (even 2.0), a bool, or no number at all.

    Examples
    --------
    >>> import numpy
    >>> whole("morlet_bank_2d", "J", numpy.int64(3))
    3
    """
    if not isinstance(value, bool):
        try:
            return operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            pass
    raise TypeError(
        f"{operation}: {name} must be a whole number, got {value!r}; give an int, for instance {name} = 2."
    )
