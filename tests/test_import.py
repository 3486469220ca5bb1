"""`import radixnet` is quick because it loads nothing heavy; what needs TensorFlow loads when it is asked for."""

import os
import subprocess
import sys

import pytest

import radixnet as rx


def python(script):
    """Return what a script prints in a process of its own."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True).stdout


def packages(script):
    """Return the packages that a script loads besides Python's own and those of any process."""
    show = "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded, always = (set(python(each + show).split()) for each in (script, "pass"))
    return loaded - always - sys.stdlib_module_names


@pytest.mark.parametrize("script", ["import radixnet", "from radixnet import RunSpec, train"])
def test_import_loads_no_package_but_numpy(script):
    """Nor does a spec that others are to train, on a cluster for instance."""
    assert packages(script) == {"radixnet", "numpy"}


def test_topologies_need_no_tensorflow():
    script = """
import sys, radixnet as rx
topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
topology.masks, topology.sparsity, topology.diagnose(), topology.sparse_masks, rx.load_dataset("mnist")
print(*sys.modules)
"""
    assert not {"tensorflow", "keras", "matplotlib", "pandas"}.intersection(python(script).split())


def test_asking_for_the_keras_classes_loads_keras():
    script = """
import sys, radixnet
assert "keras" not in sys.modules
print(radixnet.CustomModel.__name__, radixnet.RadixLayer.__name__, radixnet.Mask.__name__)
print("keras" in sys.modules, "tensorflow" in sys.modules)
from radixnet import CustomModel
assert CustomModel is radixnet.layers.CustomModel
"""
    assert python(script).split() == ["CustomModel", "RadixLayer", "Mask", "True", "True"]


def test_asking_for_the_plots_loads_matplotlib_and_not_tensorflow():
    script = """
import sys, radixnet
radixnet.plots
print("matplotlib" in sys.modules, "tensorflow" in sys.modules)
"""
    assert python(script).split() == ["True", "False"]


def test_all_public_names_are_there_and_documented():
    assert set(rx.__all__) <= set(dir(rx))
    for name in set(rx.__all__) - {"LENET_300_100"}:
        assert getattr(rx, name).__doc__, f"{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match=r"'radixnet' has no attribute 'CustomModell'"):
        rx.CustomModell  # noqa: B018 (asking is the test)
