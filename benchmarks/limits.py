"""What bounds an implementation of the same work: its FFTs alone, one copy, the convolution it replaces.

A limit is run like any other call, in turn with the others, on data of the same size.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from wavelets_course.scattering import padded_shape

from .timing import Call


def copy(x: Tensor) -> Call:
    """Read the batch once and write it once: what moving the data alone takes."""
    return x.clone


def replaced_convolution(batch: int, size: int, stride: int, like: Tensor) -> Call:
    """``size x size`` convolution of RGB to 64 maps: the first layer of AlexNet (11, 4) or ResNet (7, 2)."""
    side = like.shape[-1]
    x = torch.rand(batch, 3, side, side, device=like.device, dtype=like.dtype)
    kernels = torch.rand(64, 3, size, size, device=like.device, dtype=like.dtype)
    return partial(functional.conv2d, x, kernels, stride=stride, padding=2 if size == 11 else 3)


def scattering_ffts(x: Tensor, J: int, L: int, max_order: int) -> Call:
    """The FFTs that scattering cannot avoid, and nothing else: no filter, no modulus, no average.

    One real FFT of the padded images, one complex inverse FFT a wavelet at the step it is kept at; at order 2
    one real FFT of each modulus that goes on and one inverse FFT a path. On a CPU one image after the other:
    a batch at once falls out of the cache and takes several times as long.
    """
    images = x.shape[:-2].numel()
    count, turns = (1, images) if x.device.type == "cpu" else (images, 1)
    height, width = padded_shape((x.shape[-2], x.shape[-1]), J)
    real, complex_ = partial(_real, x.device), partial(_complex, x.device)
    calls: list[Call] = [partial(torch.fft.rfft2, real(count, height, width))]
    for j in range(J):
        rows, columns = height >> j, width >> j
        calls.append(partial(torch.fft.ifft2, complex_(count, L, rows, columns)))
        if max_order == 2 and j < J - 1:
            calls.append(partial(torch.fft.rfft2, real(count, L, rows, columns)))
            calls += [
                partial(torch.fft.ifft2, complex_(count, L, L, height >> later, width >> later))
                for later in range(j + 1, J)
            ]
    return in_order(calls * turns)


def inverse_ffts(x: Tensor, coefficients: Sequence[Tensor]) -> Call:
    """One real FFT of the images and one complex inverse FFT of each tensor of coefficients."""
    wide = torch.float64 if x.dtype == torch.float64 else torch.float32
    spectra = [torch.zeros(part.shape, dtype=wide.to_complex(), device=x.device) for part in coefficients]
    return in_order(
        [partial(torch.fft.rfft2, x.to(wide)), *(partial(torch.fft.ifft2, one) for one in spectra)]
    )


def in_order(calls: Sequence[Callable[[], object]]) -> Call:
    """Several calls as one; what they return is dropped at once."""

    def run() -> None:
        for call in calls:
            call()

    return run


def _real(device: torch.device, *shape: int) -> Tensor:
    return torch.rand(shape, device=device)


def _complex(device: torch.device, *shape: int) -> Tensor:
    return torch.view_as_complex(torch.rand(*shape, 2, device=device))
