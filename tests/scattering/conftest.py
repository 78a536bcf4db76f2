"""An oracle for the scattering transform: the formula, filter after filter, nothing shared or folded."""

from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor
from torch.fft import fft2, ifft2

from wavelets_course.filters import FilterBank2d


def plain_cascade(x: Tensor, bank: FilterBank2d, max_order: int) -> Tensor:
    """Scatter one image on the torus, with kymatio's subsampling on the way."""
    J, L = bank.J, bank.L

    def lowest(f_hat: Tensor, shape: tuple[int, ...]) -> Tensor:
        rows, columns = (
            [*range(n // 2), *range(m - (n - n // 2), m)] for n, m in zip(shape, f_hat.shape, strict=True)
        )
        return f_hat[rows][:, columns]

    def step(y: Tensor, f_hat: Tensor, j: int) -> Tensor:
        return ifft2(fft2(y) * lowest(f_hat, y.shape))[:: 2**j, :: 2**j]

    S0, S1, S2 = [step(x, bank.phi_hat, J).real], [], []
    for j1, ell1 in product(range(J), range(L)) if max_order else ():
        U1 = step(x, bank.psi_hat[j1, ell1], j1).abs()
        S1.append(step(U1, bank.phi_hat, J - j1).real)
        for j2, ell2 in product(range(j1 + 1, J), range(L)) if max_order == 2 else ():
            U2 = step(U1, bank.psi_hat[j2, ell2], j2 - j1).abs()
            S2.append(step(U2, bank.phi_hat, J - j2).real)
    return torch.stack([*S0, *S1, *S2])


@pytest.fixture
def plain() -> Callable[[Tensor, FilterBank2d, int], Tensor]:
    return plain_cascade
