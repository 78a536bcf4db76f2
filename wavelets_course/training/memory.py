"""How much memory a run takes."""

import sys

import torch


def peak_memory(device: torch.device) -> int:
    """Give the most memory that was taken.

    Parameters
    ----------
    device : torch.device
        A GPU: by tensors since `forget_peak`. A CPU: by the process since it began (0 where the system does
        not tell, as on Windows).

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> peak_memory(torch.device("cpu")) >= 0
    True
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak(device: torch.device) -> None:
    """Begin anew to look for a GPU's peak.

    Parameters
    ----------
    device : torch.device
        Nothing happens on a CPU.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
