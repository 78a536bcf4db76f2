"""What nbval needs to know, whoever starts it: `pytest --nbval book/chapters` alone is enough."""

import pytest

SECONDS_PER_OUTPUT = 60  # nbval allows 5, too few on a busy machine, and has no option for it
# Warnings of a library may come and go with its version; make notebooks refuses them when it runs. A result's
# HTML form is for Jupyter alone: the committed notebooks keep its text.
NOT_COMPARED = ("stderr", "text/html")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave out of the comparison what may differ."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += NOT_COMPARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Wait longer for the outputs of a cell."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = SECONDS_PER_OUTPUT
