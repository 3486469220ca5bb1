"""What every test finds the same, however fast the machine is and however the suite was started."""

import os
import signal
import subprocess
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, not of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A store of the user's choice; and what Git tells its hooks, which would send the Git of a test to
# this repository.
for name in [name for name in os.environ if name == "RADIXNET_STORE" or name.startswith("GIT_")]:
    del os.environ[name]


@pytest.fixture(autouse=True)
def _signals_mean_what_they_meant():
    """Put handlers back after each test; asyncio, for one, leaves others behind than it found."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def ctrl_c():
    """Let Ctrl-C interrupt this process and its children: a background shell has both ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def begin():
    """Return `subprocess.Popen`; what still runs when the test ends, or fails, is killed."""
    with ExitStack() as started:

        def popen(*arguments, **options):
            process = started.enter_context(subprocess.Popen(*arguments, **options))
            started.callback(process.kill)
            return process

        yield popen
