r"""The formula: orders 0, 1 and 2 of images on the torus, from a bank made ready.

.. math::
    S_0 = x * \phi_J, \qquad
    S_1(\lambda_1) = |x * \psi_{\lambda_1}| * \phi_J, \qquad
    S_2(\lambda_1, \lambda_2) = \bigl||x * \psi_{\lambda_1}| * \psi_{\lambda_2}\bigr| * \phi_J

What has passed ``psi_j`` is kept at step ``2**j`` on the way. Envelopes travel in pairs of angles, one in
the real and one in the imaginary part of a complex image: `prepared` says why.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.fft import fft2, ifft2

from .prepared import Averaging, Band, PreparedBank


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
        Bytes for the filtered images of one step: what takes more is done a few filters at a time.
    """
    S0 = average(x[:, None, :, :, None], bank.averages[0]).flatten(1, 2)
    S1, S2 = [], []
    x_hat = fft2(x)[:, None] if bank.max_order else x
    for j1, psi in enumerate(bank.first):
        first, second = [], []
        for U1 in envelopes(x_hat, psi, room):
            first.append(average(U1, bank.averages[j1]))
            if bank.max_order == 2 and j1 < bank.J - 1:
                second.append(second_order(fft2(torch.view_as_complex(U1)), bank, j1, room))
        S1.append(one_by_one(first, bank.L))
        S2 += [one_by_one(second, bank.L).flatten(1, 2)] if second else []
    return torch.cat([S0, *S1, *S2], dim=1)


def second_order(
    U1_hat: Complex[Tensor, "images pairs height width"], bank: PreparedBank, j1: int, room: int | None
) -> Float[Tensor, "images pairs 2 channels rows columns"]:
    """Order 2 of pairs of envelopes of scale ``j1``, for all ``(j2, ell2)``."""
    S2 = [
        average(U2, bank.averages[j2])  # (images, pairs, ell2, 2, rows, columns)
        for j2, psi in enumerate(bank.second[j1], j1 + 1)
        for U2 in envelopes(U1_hat[:, :, None], psi, room)
    ]
    return torch.cat(S2, dim=2).transpose(2, 3)


def envelopes(
    y_hat: Complex[Tensor, "*batch 1 height width"], psi: Band, room: int | None
) -> Iterator[Float[Tensor, "*batch filters rows columns 2"]]:
    """``sqrt((y * c)**2 + (y * s)**2)`` at every ``step``-th pixel, real and imaginary part apart."""
    filters = psi.folding.shape[2]
    if room is not None:
        filters = max(1, min(filters, room * psi.step**2 // (2 * y_hat.nbytes)))
    for folding in torch.split(psi.folding, filters, dim=2):
        yield modulus(*torch.view_as_real(ifft2(folded(y_hat, folding, psi))))


def modulus(real: Tensor, imaginary: Tensor) -> Tensor:
    """``sqrt(real**2 + imaginary**2)``, with gradient 0 where it is 0; takes the memory of ``real``."""
    if not (torch.is_grad_enabled() and real.requires_grad):
        return real.mul_(real).addcmul_(imaginary, imaginary).sqrt_()
    square = real * real + imaginary * imaginary
    zero = square == 0
    return (square + zero).sqrt() * ~zero


def folded(
    y_hat: Complex[Tensor, "*batch 1 height width"],
    folding: Float[Tensor, "aliases 2 filters rows columns 2"],
    psi: Band,
) -> Complex[Tensor, "2 *batch filters rows columns"]:
    """Fourier transforms of ``y * c`` and ``y * s`` at every ``step``-th pixel: the mean over aliases."""
    blocks = [rows.unbind(-2) for rows in aliases(y_hat, psi.step).unbind(-4)]
    axes = (len(folding), 2, *[1] * (y_hat.ndim - 3), *folding.shape[2:])
    terms = zip(psi.aliases, torch.view_as_complex(folding.to(y_hat.real.dtype).view(axes)), strict=True)
    (row, column), f_hat = next(terms)
    total: Tensor = blocks[row][column] * f_hat
    for (row, column), f_hat in terms:
        total.addcmul_(blocks[row][column], f_hat)
    return total


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
