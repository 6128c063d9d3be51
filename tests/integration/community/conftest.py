"""The clock stands at noon."""

import pytest
import time_machine


@pytest.fixture(autouse=True)
def noon(clock: time_machine.Traveller) -> time_machine.Traveller:
    """Stop the clock at noon."""
    return clock
