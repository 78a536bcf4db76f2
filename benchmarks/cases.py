"""All cases, in the order in which they are measured and shown."""

from . import banks, curvelet_frames, dual_tree, networks, scattering, wavelets, wavpool
from .case import Entry


def entries(*, compiled: bool, only: str = "") -> list[Entry]:
    """List the cases whose name contains `only`; those that take long to compile if asked for."""
    topics = (wavelets, scattering, dual_tree, curvelet_frames, banks, networks, wavpool)
    found = [entry for topic in topics for entry in topic.entries()]
    return [entry for entry in found if only in entry.name and (compiled or not entry.compiled)]
