"""What a classifier ignores: how often its answer flips, and how often it is right, under warps.

Flip rates compare neighbouring frames of a slow movement, consistency two random places.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from ..signals import BoundaryMode
from .evaluating import Operator
from .passes import batches
from .warping import Family, Size, check_family, warped

SHIFTS = tuple(range(9))
"""Nine frames, eight steps of one pixel."""


def flips(
    model: Operator,
    images: Float[Tensor, "images channels height width"],
    sizes: Sequence[Size] = SHIFTS,
    *,
    family: Family = "shift",
    boundary: BoundaryMode = "reflect",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
    progress: bool | None = None,
) -> Bool[Tensor, "images steps"]:
    """Find where the first answer of a classifier changes from one frame of a movement to the next.

    Parameters
    ----------
    model
        Any callable from images to logits ``(images, classes)``. A module is asked in evaluation mode, and
        every part of it is put back into the mode it was in.
    images
        ``(images, channels, height, width)``; each batch goes where the network lies.
    sizes
        One for each frame, in order; see `warped`. By default shifts to the right by 0, 1, ..., 8 pixels.
    family
        ``"shift"``, ``"rotation"``, ``"dilation"`` or ``"deformation"``.
    boundary
        What comes in from outside, one of `signals.BOUNDARY_MODES`.
    batch_size
        Images that go through the network together.
    generator
        Draws one displacement field an image for deformations; None takes torch's own.
    progress
        Show a bar on stderr; None means "if stderr is a terminal".

    Returns
    -------
    Tensor
        ``(images, len(sizes) - 1)``, true where the answers of two neighbouring frames differ, on the CPU.

    Raises
    ------
    TypeError, ValueError
        If there are no images, fewer than two frames, the family is unknown, or the network does not
        answer with one row of logits an image.

    Examples
    --------
    >>> bright_at = lambda x: x.flatten(1)  # the class is the place of the brightest pixel
    >>> flips(bright_at, torch.eye(4)[:1].reshape(1, 1, 1, 4), (0, 1, 1, 2)).tolist()
    [[True, False, True]]
    """
    if len(sizes) < 2:
        raise ValueError(f"flips: expected at least two frames to compare, got sizes = {list(sizes)}.")
    answers = _answers("flips", model, images, sizes, family, boundary, batch_size, generator, progress)
    return answers[:, 1:] != answers[:, :-1]


def flip_rate(
    model: Operator,
    images: Float[Tensor, "images channels height width"],
    sizes: Sequence[Size] = SHIFTS,
    *,
    family: Family = "shift",
    boundary: BoundaryMode = "reflect",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
    progress: bool | None = None,
) -> float:
    """Mean flip rate: the share of neighbouring frames whose first answers differ.

    With the default sizes it is the horizontal one-pixel rate that Leterme et al. report, on images that go
    on as ``boundary`` says (theirs are crops of larger ones).

    Parameters
    ----------
    model, images, sizes, family, boundary, batch_size, generator, progress
        As in `flips`, whose mean this is.

    Returns
    -------
    float
        From 0 (the answer never changes) to 1.

    Raises
    ------
    TypeError, ValueError
        As `flips`.

    References
    ----------
    D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common corruptions and
    perturbations", ICLR 2019.

    H. Leterme, K. Polisano, V. Perrier and K. Alahari, "From CNNs to shift-invariant twin models based on
    complex wavelets", EUSIPCO 2024.

    Examples
    --------
    >>> bright_at = lambda x: x.flatten(1)
    >>> flip_rate(bright_at, torch.eye(8)[:1].reshape(1, 1, 1, 8), range(5))
    1.0
    """
    found = flips(
        model,
        images,
        sizes,
        family=family,
        boundary=boundary,
        batch_size=batch_size,
        generator=generator,
        progress=progress,
    )
    return found.double().mean().item()


def consistency(
    model: Operator,
    images: Float[Tensor, "images channels height width"],
    largest: float | int = 8,
    *,
    family: Family = "shift",
    boundary: BoundaryMode = "reflect",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
    progress: bool | None = None,
) -> float:
    """Share of images that get the same first answer at two random members of a family.

    Parameters
    ----------
    model, images, family, boundary, batch_size, progress
        As in `flips`.
    largest
        Sizes are drawn uniformly from ``-largest`` to ``largest``, for each image anew; shifts are whole
        numbers of pixels along both axes.
    generator
        Source of the sizes and fields; None takes torch's own.

    Returns
    -------
    float
        From 0 to 1 (the answer never depends on the place).

    Raises
    ------
    TypeError, ValueError
        As `flips`; also if ``largest`` is not positive.

    References
    ----------
    R. Zhang, "Making convolutional networks shift-invariant again", ICML 2019.

    Examples
    --------
    >>> images = torch.eye(8).reshape(8, 1, 1, 8)
    >>> consistency(lambda x: x.flatten(2).amax(2), images, boundary="periodic")
    1.0
    """
    if not largest > 0 or (family == "shift" and largest != int(largest)):
        kind = "a whole number of pixels" if family == "shift" else "a number"
        raise ValueError(f"consistency: largest must be {kind} above 0, got {largest}.")
    check_family("consistency", family, [-largest, largest])
    equal = []
    with batches("consistency", model, images, family, batch_size, generator, progress) as parts:
        for batch, fields in parts:
            first, second = (
                _top1("consistency", model, _each_warped(batch, largest, family, boundary, fields, generator))
                for _ in range(2)
            )
            equal.append(first == second)
    return torch.cat(equal).double().mean().item()


def accuracies(
    model: Operator,
    images: Float[Tensor, "images channels height width"],
    labels: Int64[Tensor, " images"],
    sizes: Sequence[Size],
    *,
    family: Family = "shift",
    boundary: BoundaryMode = "reflect",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
    progress: bool | None = None,
) -> Float[Tensor, " sizes"]:
    """Share of right first answers among images warped by each size.

    Parameters
    ----------
    model, images, sizes, family, boundary, batch_size, generator, progress
        As in `flips`.
    labels
        The right classes, ``(images,)``.

    Returns
    -------
    Tensor
        ``(sizes,)``, float64.

    Raises
    ------
    TypeError, ValueError
        As `flips`; also if there are not as many labels as images.

    Examples
    --------
    >>> bright_at, images = lambda x: x.flatten(1), torch.eye(4).reshape(4, 1, 1, 4)
    >>> accuracies(bright_at, images, torch.arange(4), (0, 1), boundary="zero").tolist()
    [1.0, 0.0]
    """
    answers = _answers("accuracies", model, images, sizes, family, boundary, batch_size, generator, progress)
    if labels.shape != (len(images),):
        raise ValueError(
            f"accuracies: expected one label for each of {len(images)} images, "
            f"got shape {tuple(labels.shape)}."
        )
    return (answers == labels.cpu()[:, None]).double().mean(0)


def _answers(
    operation: str,
    model: Operator,
    images: Tensor,
    sizes: Sequence[Size],
    family: Family,
    boundary: BoundaryMode,
    batch_size: int,
    generator: torch.Generator | None,
    progress: bool | None,
) -> Tensor:
    """First answers to every image at every size, ``(images, sizes)``."""
    check_family(operation, family, sizes)
    if not sizes:
        raise ValueError(f"{operation}: got no sizes; give at least one, 0 for the images as they are.")
    rows = []
    with batches(operation, model, images, family, batch_size, generator, progress) as parts:
        for batch, fields in parts:
            frames = (warped(batch, size, family=family, boundary=boundary, fields=fields) for size in sizes)
            rows.append(torch.stack([_top1(operation, model, frame) for frame in frames], dim=1))
    return torch.cat(rows)


def _each_warped(
    batch: Tensor,
    largest: float | int,
    family: Family,
    boundary: BoundaryMode,
    fields: Tensor | None,
    generator: torch.Generator | None,
) -> Tensor:
    """Warp every image by a size of its own."""
    whole, device = int(largest), generator.device if generator is not None else None
    moved = []
    for index in range(len(batch)):
        size: Size
        if family == "shift":
            drawn = torch.randint(-whole, whole + 1, (2,), generator=generator, device=device).tolist()
            size = (drawn[0], drawn[1])
        else:
            size = largest * (2 * torch.rand((), generator=generator, device=device).item() - 1)
        field = None if fields is None else fields[index : index + 1]
        image = batch[index : index + 1]
        moved.append(warped(image, size, family=family, boundary=boundary, fields=field))
    return torch.cat(moved)


def _top1(operation: str, model: Operator, batch: Tensor) -> Tensor:
    logits = model(batch)
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(batch) or logits.shape[1] < 1:
        came = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(
            f"{operation}: expected logits ({len(batch)}, classes) for {len(batch)} images, got {came}; "
            "wrap the network in a function that returns them."
        )
    return logits.argmax(1).cpu()
