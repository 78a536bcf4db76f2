"""All claims, in the order of the book.

With this file you can: list the ledger and find an entry by its id. To add a claim, write it in the
file of its chapter and append that file's tuple here.
"""

from collections.abc import Iterable

from . import (
    best_terms,
    detection,
    dual_tree,
    dual_tree_cnn,
    gabor_and_morlet,
    haar,
    hybrid_networks,
    inversion,
    max_or_modulus,
    scattering,
    wavpool,
)
from .registry import Claim

CLAIMS: tuple[Claim, ...] = (
    *best_terms.CLAIMS,
    *haar.CLAIMS,
    *wavpool.CLAIMS,
    *dual_tree.CLAIMS,
    *dual_tree_cnn.CLAIMS,
    *max_or_modulus.CLAIMS,
    *gabor_and_morlet.CLAIMS,
    *scattering.CLAIMS,
    *inversion.CLAIMS,
    *hybrid_networks.CLAIMS,
    *detection.CLAIMS,
)


def find(ids: Iterable[str] | str | None = None) -> list[Claim]:
    """Claims by id.

    Parameters
    ----------
    ids : iterable of str, str or None
        Upper or lower case; None means all. One that is named twice is found once.

    Returns
    -------
    list of Claim
        In the order asked for.

    Raises
    ------
    ValueError
        If an id is not in the ledger.

    Examples
    --------
    >>> [claim.title for claim in find("w1")]
    ['The Haar transform loses nothing']
    """
    if ids is None:
        return list(CLAIMS)
    by_id = {claim.id: claim for claim in CLAIMS}
    wanted = [ids] if isinstance(ids, str) else list(ids)
    if unknown := [identity for identity in wanted if identity.upper() not in by_id]:
        raise ValueError(f"find: {unknown[0]!r} is not in the ledger; it has {', '.join(by_id)}.")
    return [by_id[identity] for identity in dict.fromkeys(map(str.upper, wanted))]
