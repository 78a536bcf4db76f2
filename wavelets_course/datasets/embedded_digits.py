"""Handwritten digits that scikit-learn carries inside its package: 1797 images of 8x8 pixels."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

TRAIN_COUNT = 1347  # three quarters


def digits(train: bool = True) -> tuple[Float[Tensor, "n 8 8"], Int64[Tensor, " n"]]:
    """Load the small handwritten digits of scikit-learn, without a download.

    The first three quarters are for training, the rest for testing: the same cut every time. The file
    goes writer by writer, so most hands of the test quarter were never seen in training: a fairer
    question than a shuffled split, and a harder one.

    Parameters
    ----------
    train : bool
        True for the 1347 training images, False for the 450 test images.

    Returns
    -------
    images : Tensor
        float32 in [0, 1] (0 is paper, 1 is ink), shape ``(n, 8, 8)``.
    labels : Tensor
        int64 digits 0 to 9, shape ``(n,)``.

    References
    ----------
    E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49 (CC BY 4.0); scikit-learn embeds its test set.

    Examples
    --------
    >>> images, labels = digits()
    >>> images.shape, labels[:5].tolist()
    (torch.Size([1347, 8, 8]), [0, 1, 2, 3, 4])
    """
    from sklearn.datasets import load_digits  # imports in a second, wanted by few

    images, labels = load_digits(return_X_y=True)
    part = slice(None, TRAIN_COUNT) if train else slice(TRAIN_COUNT, None)
    # Grey levels are counts 0..16 of ink in 4x4 blocks of a 32x32 bitmap.
    return (
        torch.from_numpy(images[part] / 16).float().reshape(-1, 8, 8),
        torch.from_numpy(labels[part]).long(),
    )
