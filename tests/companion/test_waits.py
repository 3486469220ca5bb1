"""What users wait for is measured as they meet it."""

import os
from types import SimpleNamespace

from companion import waits


def test_a_sweep_takes_its_training_and_evaluation_divided_by_the_cores_at_least():
    swept = waits.sweep(runs=2, epochs=1)
    assert (swept["runs"], swept["epochs"]) == (2, 1)
    assert 0 < swept["evaluation"] < swept["training"]
    together = swept["training"] + swept["evaluation"]
    assert together / 2 < swept["seconds"]
    assert waits.SparseNetwork.evaluate.__name__ == "evaluate"


def test_only_the_first_compilation_finds_an_empty_cache(monkeypatch):
    caches = []

    def run(*_, env, check):
        assert check  # a process that fails is no measurement
        folder = env.get("NUMBA_CACHE_DIR")
        caches.append(folder != os.environ.get("NUMBA_CACHE_DIR") and not os.listdir(folder))

    monkeypatch.setattr(waits.subprocess, "run", run)
    monkeypatch.setattr(waits, "ProcessPoolExecutor", lambda *_, **__: _Here())
    monkeypatch.setattr(waits, "sweep", lambda **asked: asked)
    measured = waits.measure()
    assert caches == [True] + [False] * (1 + waits.ROUNDS)
    assert measured["sweep"] == {"runs": 80, "epochs": 5}


class _Here:
    """A pool that computes at once."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, function, **arguments):
        return SimpleNamespace(result=lambda: function(**arguments))
