"""What no image can give: too many scales, unknown settings, targets that fit nothing. Refused in words."""

import re
from collections.abc import Callable

import pytest
import torch

from wavelets_course import filters, scattering, signals, sparse, transforms

pytestmark = pytest.mark.untyped

X = torch.ones(28, 28)
S = scattering.Scattering2D(2, (28, 28), L=2, max_order=1)
CASES: list[tuple[Callable[[], object], str]] = [
    (lambda: transforms.wavedec2(X, "haar", 6), r"wavedec2: J = 6 is too deep .* use J <= 4"),
    (lambda: transforms.Wavelet2d("db4", 9)(X), r"wavedec2: J = 9 is too deep .* use J <= 2"),
    (lambda: scattering.Scattering2D(5, (28, 28)), r"Scattering2D: J = 5"),
    (lambda: transforms.Curvelet2d((28, 28), 4), r"J = 4"),
    (lambda: transforms.DualTreeWaveletPacket2d(0), r"DualTreeWaveletPacket2d: .*J"),
    (lambda: transforms.DualTreeWaveletPacket2d(2, stride=8), r"DualTreeWaveletPacket2d: .*stride"),
    (lambda: transforms.DualTreeWaveletPacket2d(1, packets=[8]), r"DualTreeWaveletPacket2d: .*packet"),
    (lambda: filters.morlet_bank_2d((28, 28), 5), r"morlet_bank_2d: J = 5 is too deep"),
    (lambda: filters.morlet_bank_1d(28, 5), r"morlet_bank_1d: J = 5 is too deep"),
    (lambda: S(torch.ones(27, 28)), r"Scattering2D.*28.*27|Scattering2D.*27.*28"),
    (lambda: transforms.Curvelet2d((28, 28), 1)(torch.ones(27, 28)), r"Curvelet2d.*28x28.*27x28|27.*28"),
    (lambda: scattering.invert(S, S(X).int(), steps=1), r"invert: "),
    (lambda: scattering.invert(S, torch.full_like(S(X), torch.nan), steps=1), r"invert: "),
    (lambda: sparse.soft_threshold(X, -1.0), r"soft_threshold: "),
    (lambda: sparse.hard_threshold(X, -1.0), r"hard_threshold: "),
    (lambda: sparse.n_term_error(X, (torch.fft.fft2, torch.fft.ifft2), [-1]), r"n_term_error: "),
    (lambda: signals.extend(X, -1), r"extend: padding must be >= 0"),
    (lambda: signals.shift(X, (1.0, torch.nan)), r"shift: "),
    (lambda: signals.dilate(X, 0.0), r"dilate: "),
]


@pytest.mark.parametrize(("ask", "text"), CASES, ids=range(len(CASES)))
def test_the_refusal_says_what_was_asked(ask: Callable[[], object], text: str) -> None:
    with pytest.raises((TypeError, ValueError)) as refusal:
        ask()
    assert re.search(text, str(refusal.value), re.DOTALL), str(refusal.value)
    assert re.match(r"^[\w.]+: ", str(refusal.value)), "the operation is not named first"
