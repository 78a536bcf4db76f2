r"""The formula: orders 0, 1 and 2 of images on the torus, from a bank made ready.

.. math::
    S_0 = x * \phi_J, \qquad
    S_1(\lambda_1) = |x * \psi_{\lambda_1}| * \phi_J, \qquad
    S_2(\lambda_1, \lambda_2) = \bigl||x * \psi_{\lambda_1}| * \psi_{\lambda_2}\bigr| * \phi_J

What has passed ``psi_j`` is kept at step ``2**j`` on the way. Envelopes travel in pairs of angles, one in
the real and one in the imaginary part of a complex image: `prepared` says why.
"""

from collections.abc import Iterator
from functools import partial

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.fft import fft2, ifft2

from .prepared import Averaging, Band, PreparedBank
from .recomputed import recomputed


def orders(
    x: Float[Tensor, "images height width"], bank: PreparedBank, room: int | None = None
) -> Float[Tensor, "images channels rows columns"]:
    """Scatter a batch, its channels as in `scattering_paths`.

    Parameters
    ----------
    x
        Images on the torus, float32 or float64.
    bank
        The filters.
    room
        Bytes for the filtered images of one step: what takes more is done a few images or filters at a time.
    """
    S0 = average(x[:, None, :, :, None], bank.averages[0]).flatten(1, 2)
    x_hat = fft2(x) if bank.max_order else x
    S1: list[Tensor] = []
    S2: list[Tensor] = []
    for j1, psi in enumerate(bank.first):
        few = at_once(x_hat[0].nbytes, psi, room, len(x))
        steps = [of_scale(y_hat[:, None], bank, j1, room) for y_hat in torch.split(x_hat, few)]
        for paths, parts in zip((S1, S2), zip(*steps, strict=True), strict=True):
            paths.append(torch.cat(parts))
    return torch.cat([S0, *S1, *S2], dim=1)


def of_scale(
    x_hat: Complex[Tensor, "images 1 height width"], bank: PreparedBank, j1: int, room: int | None
) -> tuple[Float[Tensor, "images L rows columns"], Float[Tensor, "images channels rows columns"]]:
    """Order 1 of scale ``j1``, and the paths of order 2 that start there."""
    S1, S2 = [], []
    for U1 in envelopes(x_hat, bank.first[j1], room):
        S1.append(average(U1, bank.averages[j1]))
        if bank.max_order == 2 and j1 < bank.J - 1:
            second = partial(second_order, bank=bank, j1=j1, room=room)
            S2.append(recomputed(second, fft2(torch.view_as_complex(U1))))
    first = one_by_one(S1, bank.L)
    return first, one_by_one(S2, bank.L).flatten(1, 2) if S2 else first[:, :0]


def second_order(
    U1_hat: Complex[Tensor, "images pairs height width"], bank: PreparedBank, j1: int, room: int | None
) -> Float[Tensor, "images pairs 2 channels rows columns"]:
    """Order 2 of pairs of envelopes of scale ``j1``, for all ``(j2, ell2)``."""
    both = torch.stack([U1_hat, -1j * U1_hat], dim=2)
    S2 = [
        average(U2, bank.averages[j2])  # (images, pairs, ell2, 2, rows, columns)
        for j2, psi in enumerate(bank.second[j1], j1 + 1)
        for U2 in envelopes(both, psi, room)
    ]
    return torch.cat(S2, dim=2).transpose(2, 3)


def envelopes(
    y_hat: Complex[Tensor, "*batch copies height width"], psi: Band, room: int | None
) -> Iterator[Float[Tensor, "*batch filters rows columns 2"]]:
    """``sqrt((y * c)**2 + (y * s)**2)`` at every ``step``-th pixel, real and imaginary part apart."""
    filters = range(psi.folding.shape[2])
    few = at_once(y_hat[..., 0, :, :].nbytes, psi, room, len(filters))
    for first in filters[::few]:
        both = ifft2(folded(y_hat, psi, filters[first : first + few]))
        yield modulus(*torch.view_as_real(both).unbind(-5))


def at_once(size: int, psi: Band, room: int | None, most: int) -> int:
    """How many spectra of so many bytes, each filtered twice and subsampled, fit the room; one at least."""
    return most if room is None else max(1, min(most, room * psi.step**2 // (2 * size)))


def modulus(real: Tensor, imaginary: Tensor) -> Tensor:
    """``sqrt(real**2 + imaginary**2)``, with gradient 0 where it is 0; takes the memory of ``real``."""
    if not (torch.is_grad_enabled() and real.requires_grad):
        return real.mul_(real).addcmul_(imaginary, imaginary).sqrt_()
    square = real * real + imaginary * imaginary
    zero = square == 0
    return (square + zero).sqrt() * ~zero


def folded(
    y_hat: Complex[Tensor, "*batch copies height width"], psi: Band, filters: range
) -> Complex[Tensor, "*batch 2 filters rows columns"]:
    """Fourier transforms of ``y * c`` and ``y * s`` at every ``step``-th pixel: the mean over aliases."""
    blocks = torch.view_as_real(aliases(y_hat[..., None, :, :], psi.step))
    terms = (
        [psi.numbers(part) for part in (blocks[..., row, :, column, :, :], table.to(blocks.dtype))]
        for row, column, table in psi.terms(filters)
    )
    y_block, f_hat = next(terms)
    total: Tensor = y_block * f_hat
    for y_block, f_hat in terms:
        total.addcmul_(y_block, f_hat)
    return torch.view_as_complex(total) if psi.real else total


def average(
    u: Float[Tensor, "*batch height width parts"], phi: Averaging
) -> Float[Tensor, "*batch parts rows columns"]:
    """``u * phi`` at every ``step``-th pixel."""
    if not phi.separable:
        u_hat = fft2(u.movedim(-1, -3)) * phi.phi_hat.to(u)
        mean: Tensor = ifft2(aliases(u_hat, phi.step).mean((-4, -2))).real
        return mean[..., phi.margin : -phi.margin, phi.margin : -phi.margin] if phi.margin else mean
    down = phi.rows.to(u) @ u.flatten(-2)
    parts = torch.unflatten(down, -1, u.shape[-2:]).movedim(-1, -3)
    return parts @ phi.columns.to(u)


def aliases(
    y_hat: Complex[Tensor, "*batch height width"], step: int
) -> Complex[Tensor, "*batch step rows step columns"]:
    """The spectrum in blocks: those on top of each other become one when every ``step``-th pixel is kept."""
    return torch.unflatten(torch.unflatten(y_hat, -1, (step, -1)), -3, (step, -1))


def one_by_one(paired: list[Tensor], L: int) -> Tensor:
    """``(images, pairs, 2, ...)`` in blocks of pairs -> ``(images, L, ...)``."""
    return torch.cat(paired, dim=1).flatten(1, 2)[:, :L]
