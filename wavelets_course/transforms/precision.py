"""In which precision transforms are computed."""

import torch


def working_dtype(dtype: torch.dtype) -> torch.dtype:
    """Give float32 for half precision, which FFTs refuse and sums of many numbers need; else the same.

    Parameters
    ----------
    dtype
        Of real or complex images.

    Returns
    -------
    torch.dtype
        What to compute in. Results are cast back.

    Examples
    --------
    >>> working_dtype(torch.bfloat16), working_dtype(torch.complex128)
    (torch.float32, torch.complex128)
    """
    return torch.promote_types(dtype, torch.float32)


def complex_dtype(dtype: torch.dtype) -> torch.dtype:
    """Give the complex numbers that images of a dtype are computed with.

    Parameters
    ----------
    dtype
        Of real images.

    Returns
    -------
    torch.dtype
        complex128 for float64, else complex64.

    Examples
    --------
    >>> complex_dtype(torch.float16), complex_dtype(torch.float64)
    (torch.complex64, torch.complex128)
    """
    return torch.complex128 if dtype == torch.float64 else torch.complex64
