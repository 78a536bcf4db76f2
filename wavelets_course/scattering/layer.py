"""The scattering transform as a layer, with kymatio's arguments and output."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import KYMATIO_PI, FilterBank2d, Frame, morlet_bank_2d
from ..filters.gabor import checked_design, low_pass_hat, stacked, wavelet_hats
from .cascade import check_image, scatter
from .padding import margins, padded_shape
from .paths import checked_order, scattering_paths
from .prepared import PreparedBank

OutType = Literal["array", "list"]


class Scattering2D(nn.Module):
    """Scattering transform of images of one shape.

    Arguments, defaults, channel order and, with ``frame="kymatio"``, numbers are kymatio's: whoever calls
    its ``Scattering2D(..., frontend="torch")`` changes one import. Nothing is learned and checkpoints stay
    empty: ``filters`` holds the filters ready for use in non-persistent buffers, in float32, and ``bank``
    is their design, made anew when first asked for. The buffers follow ``.to(device)``; ``.double()``
    takes them from the float64 design; ``.half()`` and ``.bfloat16()`` leave them in float32. A float64
    image is computed in float64, but with the filters as they are: only a layer made ``.double()`` gives
    more than seven digits.

    Memory: the filters take about ``2 L J`` times a padded image at order 1, a call about 17 times the image
    and its result, for one image of any size and for any batch of small ones. For the gradient only the
    images are kept: the backward pass scatters again, chunk by chunk, and can itself be differentiated.
    `torch.compile` and `torch.export` see one operator, which does the same in the same time and memory; its
    derivative is there once, not twice.

    Parameters
    ----------
    J
        Averages reach over ``2**J`` pixels, ``2**J <= min(shape)``.
    shape
        Images, (height, width).
    L
        Number of angles.
    max_order
        0, 1 or 2.
    pre_pad
        The images come already extended to `padded_shape`.
    out_type
        ``"array"``, or ``"list"`` for a list of dictionaries ``coef``, ``j``, ``n``, ``theta`` (``n`` counts
        wavelets, ``theta`` angles).
    frame
        ``"kymatio"`` or ``"tight"``, see `filters.morlet_bank_2d`.
    frontend
        Always ``"torch"``. It chooses nothing; it is here so that a call written for kymatio works.

    Raises
    ------
    TypeError
        If a side, ``J``, ``L`` or ``max_order`` is not an integer.
    ValueError
        If ``2**J`` exceeds a side, or ``L``, ``max_order``, ``out_type``, ``frame`` or ``frontend`` is none
        of the above.

    References
    ----------
    M. Andreux et al., Kymatio: scattering transforms in Python, JMLR 21 (2020).

    Examples
    --------
    >>> scattering = Scattering2D(J=2, shape=(32, 32))
    >>> tuple(scattering(torch.rand(5, 3, 32, 32)).shape)
    (5, 3, 81, 8, 8)
    """

    filters: PreparedBank

    def __init__(
        self,
        J: int,
        shape: tuple[int, int],
        L: int = 8,
        max_order: int = 2,
        pre_pad: bool = False,
        out_type: OutType = "array",
        frame: Frame = "kymatio",
        *,
        frontend: str = "torch",
    ) -> None:
        super().__init__()
        if str(frontend).lower() != "torch":
            raise ValueError(
                f"Scattering2D: expected frontend = 'torch', got {frontend!r}; leave it out and give a "
                "tensor, torch.from_numpy(x) for NumPy's arrays."
            )
        if out_type not in ("array", "list"):
            raise ValueError(f"Scattering2D: expected out_type = 'array' or 'list', got {out_type!r}.")
        self.shape, self.J, self.L = checked_design("Scattering2D", shape, J, L, frame)
        self.max_order = checked_order("Scattering2D", max_order)
        self.pre_pad, self.out_type, self.frame = pre_pad, out_type, frame
        self.padded_shape = padded_shape(self.shape, self.J)
        self.filters = self._prepared(torch.float32)
        self.filters.to(torch.get_default_device())

    @cached_property
    def bank(self) -> FilterBank2d:
        """The design on the padded shape, in float64 and on the CPU: made when asked for, then kept."""
        return self._design()

    @property
    def psi_hat(self) -> Float[Tensor, "J L height width"]:
        """The wavelets' transforms, a copy on the layer's device and in its precision."""
        return self.bank.psi_hat.to(self.filters.averages[0].rows)

    @property
    def phi_hat(self) -> Float[Tensor, "height width"]:
        """The low-pass filter's transform, likewise."""
        return self.bank.phi_hat.to(self.filters.averages[0].rows)

    def forward(self, x: Float[Tensor, "*batch height width"]) -> Tensor | list[dict[str, Any]]:
        """Scatter images ``(*batch, height, width)`` to ``(*batch, K, height // 2**J, width // 2**J)``.

        Parameters
        ----------
        x
            Images of the layer's shape (of its padded shape if ``pre_pad``), floating point.

        Returns
        -------
        Tensor or list of dict
            As ``out_type`` says.

        Raises
        ------
        TypeError, ValueError
            If ``x`` is no tensor, is complex, holds integers, or has another shape.
        """
        check_image("Scattering2D", x)
        self._check_shape(x)
        S = scatter(x, self.filters, None if self.pre_pad else margins(self.shape, self.J))
        return S if self.out_type == "array" else self._as_list(S)

    def scattering(self, x: Float[Tensor, "*batch height width"]) -> Tensor | list[dict[str, Any]]:
        """Do what `forward` does, under kymatio's name for it."""
        return self.forward(x)

    def extra_repr(self) -> str:
        """Say in ``print(layer)`` what the layer is."""
        return f"J={self.J}, shape={self.shape}, L={self.L}, max_order={self.max_order}, frame={self.frame!r}"

    def _as_list(self, S: Tensor) -> list[dict[str, Any]]:
        coefficients = []
        for k, path in enumerate(scattering_paths(self.J, self.L, self.max_order)):
            wavelets = [(path.j1, path.ell1), (path.j2, path.ell2)]
            steps = [(j, ell) for j, ell in wavelets if j is not None and ell is not None]
            coefficients.append(
                {
                    "coef": S[..., k, :, :],
                    "j": tuple(j for j, _ in steps),
                    "n": tuple(j * self.L + ell for j, ell in steps),
                    "theta": tuple(ell for _, ell in steps),
                }
            )
        return coefficients

    def _check_shape(self, x: Tensor) -> None:
        expected = self.padded_shape if self.pre_pad else self.shape
        height, width = x.shape[-2:]
        if (height, width) != expected:
            kind = "padded images" if self.pre_pad else "images"
            raise ValueError(
                f"Scattering2D: expected {kind} of {expected[0]}x{expected[1]}, got {height}x{width}; "
                f"{self._way_out(height, width)}."
            )

    def _way_out(self, height: int, width: int) -> str:
        if self.pre_pad and (height, width) == self.shape:
            return (
                f"extend them first, signals.extend(x, scattering.margins({self.shape}, {self.J}), 'reflect')"
            )
        if self.pre_pad:
            rows, columns = self.shape
            return f"extend images of {rows}x{columns} by scattering.margins, or set pre_pad=False"
        if min(height, width) < 2**self.J:
            return (
                f"2**J = {2**self.J} pixels must fit: enlarge them with signals.extend, or choose a smaller J"
            )
        return f"make a layer with shape={(height, width)}"

    def _design(self) -> FilterBank2d:
        with torch.device("cpu"):  # the default device may be "meta", which holds no numbers
            return morlet_bank_2d(self.padded_shape, self.J, self.L, self.frame)

    def _prepared(self, dtype: torch.dtype) -> PreparedBank:
        """The filters laid out for one precision, one coefficient to be dropped at each border."""
        shape, J, L, max_order = self.padded_shape, self.J, self.L, self.max_order
        with torch.device("cpu"):
            if self.frame == "tight":  # takes all scales at once
                return PreparedBank.of(self._design(), max_order, margin=1, dtype=dtype)
            psi_hat = (
                stacked(wavelet_hats(shape, [j], L, KYMATIO_PI, zero_mean=True), L, shape, dtype)
                for j in range(J)
            )
            phi_hat = low_pass_hat(shape, J)
            return PreparedBank.of_scales(psi_hat, phi_hat, J, L, max_order, margin=1, dtype=dtype)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Scattering2D":
        """Move the filters, but take their digits from the design: a cast would lose or lack some."""
        before = self.filters.averages[0].rows
        moved = fn(before)
        if moved is before:  # nothing moved, or `share_memory` moved it in place
            return super()._apply(fn, recurse)  # type: ignore[no-any-return, no-untyped-call]
        self.filters = self._prepared(torch.float64 if moved.dtype == torch.float64 else torch.float32)
        self.filters.to(moved.device)
        return self
