"""How far features move when the picture is warped."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ..signals import BoundaryMode
from .evaluating import Operator
from .passes import batches
from .warping import Family, Size, check_family, warped


def distances(
    operator: Operator,
    images: Float[Tensor, "images channels height width"],
    sizes: Sequence[Size],
    *,
    family: Family = "shift",
    boundary: BoundaryMode = "reflect",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
    progress: bool | None = None,
) -> Float[Tensor, "sizes images"]:
    r"""How far features move when images are warped: a curve for each image.

    .. math:: d(s) = \frac{\|\Phi(W_s x) - \Phi(x)\|}{\|\Phi(x)\|}

    Parameters
    ----------
    operator
        Any callable from images to features ``(images, ...)``, real or complex: a network, a part of one, or
        a transform. A module is asked in evaluation mode.
    images, sizes, family, boundary, batch_size, generator, progress
        As in `flips`; a deformation stretches one field an image by each size.

    Returns
    -------
    Tensor
        ``(sizes, images)``, float64, on the CPU. 0 where nothing moves, about ``sqrt(2)`` where features of
        the same length have become unrelated; infinite where ``Phi(x) = 0`` becomes something else.

    Raises
    ------
    TypeError, ValueError
        If there are no images, the family is unknown, or the features are no tensor with a row for each
        image.

    Examples
    --------
    >>> distances(lambda x: x, torch.eye(4)[None, None], (0, 1, 4), boundary="periodic").flatten().tolist()
    [0.0, 1.414..., 0.0]
    """
    check_family("distances", family, sizes)
    columns = []
    with batches("distances", operator, images, family, batch_size, generator, progress) as parts:
        for batch, fields in parts:
            still = _features(operator, batch)
            frames = (warped(batch, size, family=family, boundary=boundary, fields=fields) for size in sizes)
            rows = [(_features(operator, frame) - still).norm(dim=1) for frame in frames]
            gaps = torch.stack(rows) if rows else still.real.new_zeros((0, len(batch)))
            columns.append(torch.where(gaps == 0, 0.0, gaps / still.norm(dim=1)).cpu())
    return torch.cat(columns, dim=1)


def _features(operator: Operator, batch: Tensor) -> Tensor:
    """Features of a batch in double precision, ``(images, features)``."""
    features = operator(batch)
    if not isinstance(features, Tensor) or features.ndim < 1 or len(features) != len(batch):
        came = tuple(features.shape) if isinstance(features, Tensor) else type(features).__name__
        raise ValueError(
            f"distances: expected a tensor of features with {len(batch)} rows, one for each image, "
            f"got {came}; wrap the operator in a function that returns one."
        )
    wide = features.to(torch.complex128 if features.is_complex() else torch.float64)
    return wide.reshape(len(batch), -1)
