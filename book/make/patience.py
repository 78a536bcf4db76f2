"""A pytest plugin: let nbval wait longer for a cell's outputs on a busy machine.

nbval waits five seconds for each message after a cell has finished, and has no option for it. It hangs on the
collected cells, so it is raised there; the time a cell may compute is `--nbval-cell-timeout`.
"""

SECONDS = 60


def pytest_collection_modifyitems(items: list[object]) -> None:
    """Raise the limit of every notebook cell."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = SECONDS
