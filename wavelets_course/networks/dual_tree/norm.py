"""Batch normalisation and bias for moduli, which are never negative: no mean is subtracted."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ModulusBatchNorm2d(nn.Module):
    r"""Batch normalisation of the modulus of complex channels.

    .. math:: y = |\gamma|\, \frac{u}{\sqrt{\tfrac12 \mathrm{E}[u^2] + \epsilon}} + \beta, \qquad u = |z|.

    For a filter without constant part, the real part of ``z`` has mean 0 and variance ``E[u^2] / 2``: this
    is what batch normalisation of the real part does to the amplitudes, and ``beta``, negative where it
    learns to be, is a threshold for the ReLU behind. The mean is taken over the batch and all places while
    training, and a running mean is kept for evaluation.

    Parameters
    ----------
    channels
        Of the input.
    eps, momentum
        As in `torch.nn.BatchNorm2d`.

    Attributes
    ----------
    weight, bias : Parameter
        :math:`\gamma` (from 1) and :math:`\beta` (from 0), one of each a channel.
    running_energy : Tensor
        Running mean of :math:`E[u^2]`, from 2.

    References
    ----------
    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "From CNNs to shift-invariant twin models based on
    complex wavelets", arXiv:2212.00394.

    Examples
    --------
    >>> norm = ModulusBatchNorm2d(2)
    >>> y = norm(torch.tensor([3.0, 5.0]).view(1, 2, 1, 1).expand(4, 2, 6, 6))
    >>> [round(v, 3) for v in y[0, :, 0, 0].tolist()]  # a constant modulus becomes sqrt 2
    [1.414, 1.414]
    """

    running_energy: Tensor

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_energy", torch.full((channels,), 2.0))

    def forward(
        self, u: Float[Tensor, "batch channels rows columns"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """Normalise moduli ``(batch, channels, rows, columns)``.

        Raises
        ------
        ValueError
            If an empty batch is to say what its energy is, in training.
        """
        if self.training and u.numel() == 0:
            raise ValueError(
                f"ModulusBatchNorm2d: no energy in an empty batch {tuple(u.shape)}; skip it in training, "
                "or call .eval() first."
            )
        energy = self._batch_energy(u) if self.training else self.running_energy
        scale = self.weight.abs() * torch.rsqrt(energy / 2 + self.eps)
        return torch.addcmul(self.bias[:, None, None], u.to(scale.dtype), scale[:, None, None])

    def extra_repr(self) -> str:
        """Show the settings where the layer is printed."""
        return f"{len(self.weight)}, eps={self.eps}, momentum={self.momentum}"

    def _batch_energy(self, u: Tensor) -> Tensor:
        energy = u.to(self.weight.dtype).square().mean((0, 2, 3))
        with torch.no_grad():
            self.running_energy.lerp_(energy.detach().to(self.running_energy.dtype), self.momentum)
        return energy


class ChannelBias(nn.Module):
    """One learned number for each channel, added: what a convolution's bias is, behind a modulus.

    Parameters
    ----------
    channels
        Of the input.

    Examples
    --------
    >>> tuple(ChannelBias(3)(torch.ones(2, 3, 4, 4)).shape)
    (2, 3, 4, 4)
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(
        self, u: Float[Tensor, "batch channels rows columns"]
    ) -> Float[Tensor, "batch channels rows columns"]:
        """Add the bias to ``(batch, channels, rows, columns)``."""
        return u + self.bias[:, None, None]
