"""What every test shares: seeded generators, shape checks off on demand, tools that may be absent."""

import os
import shutil
from collections.abc import Iterator

import jaxtyping
import pytest
import torch

REQUIRE_ALL = os.environ.get("WAVELETS_COURSE_REQUIRE_ALL") == "1"

TOOLS = {
    "browser": (
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        "Chromium or Chrome",
        "chromium",
    ),
    "needs_node": (("node", "nodejs"), "Node.js", "nodejs"),
    "needs_compiler": (("g++",), "a C++ compiler (g++)", "g++"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (programs, title, package) in TOOLS.items():
        if item.get_closest_marker(marker) and not any(map(shutil.which, programs)):
            message = f"needs {title}: on Debian, `apt-get install {package}`"
            if REQUIRE_ALL:
                pytest.fail(f"{message} (WAVELETS_COURSE_REQUIRE_ALL=1)", pytrace=False)
            pytest.skip(message)


@pytest.fixture(autouse=True)
def _untyped(request: pytest.FixtureRequest) -> Iterator[None]:
    """Shape checks would pre-empt an error text, and Dynamo refuses them: off where marked."""
    marked = request.node.get_closest_marker("untyped") is not None
    jaxtyping.config.update("jaxtyping_disable", marked)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(20261121)


@pytest.fixture(
    params=[
        "cpu",
        pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")),
    ]
)
def device(request: pytest.FixtureRequest) -> torch.device:
    return torch.device(request.param)
