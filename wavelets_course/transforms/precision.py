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
