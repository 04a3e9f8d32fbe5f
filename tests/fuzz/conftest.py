"""How many cases are tried, from which seed; both are printed with the result."""

import random

import pytest


@pytest.fixture(scope="session")
def cases(request: pytest.FixtureRequest) -> int:
    """How many generated cases each of these tests tries."""
    return request.config.getoption("--cases")


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Where the cases start from; a seed of 0 means another one each time."""
    return request.config.getoption("--from-seed") or random.SystemRandom().randrange(1, 2**32)
