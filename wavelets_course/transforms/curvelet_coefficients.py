"""Curvelet coefficients of images: how they are named, and how they are written in one row."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters.curvelet import CurveletBand, CurveletBank


class CurveletCoefficients(NamedTuple):
    """The curvelet coefficients of an image (or a batch of images).

    Attributes
    ----------
    coarse
        The low-pass band ``(*batch, rows, columns)``, real.
    wedges
        One tuple a scale, finest first. It holds two complex tensors ``(*batch, wedges, rows, columns)``:
        wedges whose waves run along x (``|theta| <= pi / 4``; they answer upright edges), then those along
        y. ``abs`` is the strength of a curvelet, ``angle`` its phase: 0 on a ridge, a quarter turn on an
        edge. A scale of one round window holds one real tensor ``(*batch, 1, height, width)``.
    """

    coarse: Tensor
    wedges: tuple[tuple[Tensor, ...], ...]


def bands_of(coefficients: CurveletCoefficients) -> Iterator[Tensor]:
    """All tensors in the order of `CurveletBank.bands`; the low-pass with its axis of one window."""
    yield coefficients.coarse.unsqueeze(-3)
    for scale in reversed(coefficients.wedges):
        yield from scale


def nest(bands: Iterator[Tensor], bank: CurveletBank) -> CurveletCoefficients:
    """Undo `bands_of`."""
    coarse = next(bands).squeeze(-3)
    scales = [tuple(next(bands) for _ in scale) for scale in reversed(bank.scales)]
    return CurveletCoefficients(coarse, tuple(reversed(scales)))


def check_coefficients(operation: str, coefficients: CurveletCoefficients, bank: CurveletBank) -> None:
    """Refuse coefficients that do not belong to a bank."""
    if not isinstance(coefficients, CurveletCoefficients):
        raise TypeError(
            f"{operation}: expected CurveletCoefficients, got a {type(coefficients).__name__}; "
            "pass what analysis returned, or unflatten of a row."
        )
    expected = [len(scale) for scale in bank.scales]
    if (got := [len(scale) for scale in coefficients.wedges]) != expected:
        raise ValueError(
            f"{operation}: expected {len(expected)} scales of {expected} tensors, finest first, got {got}; "
            "analyse with the same J, angles and finest."
        )
    batch = coefficients.coarse.shape[:-2]
    for band, tensor in zip(bank.bands, bands_of(coefficients), strict=True):
        wanted = (*batch, *band.window_hat.shape)
        if tuple(tensor.shape) != wanted or tensor.is_complex() != band.directional:
            kind = {True: "complex", False: "real"}
            raise ValueError(
                f"{operation}: expected a {kind[band.directional]} band {wanted}, "
                f"got a {kind[tensor.is_complex()]} one {tuple(tensor.shape)}; "
                "analyse with the same shape, J, angles and finest, all images together."
            )


def to_row(coefficients: CurveletCoefficients) -> Float[Tensor, "*batch count"]:
    """Write the coefficients as real numbers in one row, a complex one as its real and imaginary part."""
    reals = [  # stacked, not viewed: the gradient of a view asks for even offsets in the row
        torch.stack([band.real, band.imag], -1).flatten(-4) if band.is_complex() else band.flatten(-3)
        for band in bands_of(coefficients)
    ]
    return torch.cat(reals, dim=-1)


def from_row(row: Float[Tensor, "*batch count"], bank: CurveletBank) -> CurveletCoefficients:
    """Undo `to_row`."""
    parts = torch.split(row, [band.count for band in bank.bands], dim=-1)
    return nest((_shaped(part, band) for part, band in zip(parts, bank.bands, strict=True)), bank)


def _shaped(part: Tensor, band: CurveletBand) -> Tensor:
    size = tuple(band.window_hat.shape)
    if not band.directional:
        return part.reshape(*part.shape[:-1], *size)
    pairs = part.reshape(*part.shape[:-1], *size, 2)
    return torch.complex(pairs[..., 0], pairs[..., 1])
