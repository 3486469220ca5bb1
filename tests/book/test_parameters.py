"""Whatever a parameter of a notebook says that it may be, works.

Anything else is refused before anything is trained.
"""

import ast
import os
from contextlib import suppress
from unittest import mock

import jupytext
import pytest
from small_scale import SMALL, execute_all

import companion.parameters
from companion import experiments
from companion.notebooks.sources import default_parameters, find_source, notebook_names
from radixnet import RunStore


def parts(name):
    """Return a notebook's default parameters, its code up to their check, and all that follows."""
    notebook = jupytext.read(find_source(name))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    checks = [place for place, cell in enumerate(code) if "\ncheck(" in f"\n{cell.source}"]
    assert len(checks) == 1, f"{name}: one cell calls check(globals(), ...), before anything runs"
    until = [
        cell.source
        for cell in code[: checks[0] + 1]
        if "parameters" not in cell.metadata.get("tags", [])
    ]
    return default_parameters(notebook), until, [cell.source for cell in code[checks[0] + 1 :]]


def run_to_check(name, changed):
    """Execute a notebook's imports and its check, with some parameters changed."""
    defaults, until, _ = parts(name)
    values = {**defaults, **changed}
    for source in until:
        exec(compile(source, f"{name}.py", "exec"), values)  # noqa: S102 (our own notebook)


def rules_of(name, parameters=None):
    """Return the rule for each parameter, as the notebook states it."""
    stated = mock.Mock(side_effect=StopIteration)  # nothing after it in its cell runs
    with mock.patch.object(companion.parameters, "check", stated), suppress(StopIteration):
        run_to_check(name, parameters or {})
    return stated.call_args.kwargs


@pytest.mark.parametrize("name", notebook_names())
def test_every_parameter_has_a_rule_and_is_read_by_what_follows(name):
    defaults, _, after = parts(name)
    assert list(rules_of(name)) == list(defaults)
    names = [
        node
        for source in after
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name)
    ]
    unread = set(defaults) - {node.id for node in names if isinstance(node.ctx, ast.Load)}
    assert not unread
    assigned = [
        node
        for source in after
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AugAssign)
    ]
    targets = [
        name
        for node in assigned
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    ]
    given_away = set(defaults) & {name.id for name in targets}
    assert not given_away, "what is assigned again is no longer the reader's"


def test_what_several_pages_say_of_figures_8_and_9_is_what_their_notebooks_do():
    """A parameters cell holds plain values; everything else imports these."""
    fig08, fig09 = parts("fig08")[0], parts("fig09")[0]
    predict, evidence = parts("predict")[0], parts("evidence")[0]
    assert fig08["epochs"] == experiments.FIG8_EPOCHS
    longer = {"epochs": fig08["longer_epochs"], "batch_size": fig08["longer_batch_size"]}
    assert longer == experiments.FIG8_LONGER_SETTINGS
    assert {name: fig09[name] for name in ("epochs", "batch_size")} == experiments.FIG9_SETTINGS
    limits = {page["strange_accuracy"] for page in (fig08, predict, evidence)}
    assert limits == {experiments.STRANGE_ACCURACY}


@pytest.mark.parametrize("name", notebook_names())
def test_published_and_small_values_are_accepted(name):
    run_to_check(name, {})
    run_to_check(name, SMALL[name])


@pytest.mark.parametrize("name", notebook_names())
def test_values_outside_are_refused_by_a_sentence_that_names_the_parameter(name):
    for parameter, rule in rules_of(name).items():
        for value in rule.outside:
            with pytest.raises(ValueError, match=f"^parameter {parameter} is "):
                run_to_check(name, {parameter: value})


LARGE = {
    "batch_size": 100_000,
    "longer_batch_size": 100_000,
    "close_up": 10_000,
    "nodes_per_layer": 10_000,
    "per_decile": 100,
    "gap": 2.0,
}
"""More than there is to take, of parameters that have no upper end and are tried in seconds
nevertheless."""


def edges_of(parameter, rule):
    """Return the values of a parameter that are tried."""
    return [*rule.edges, *([LARGE[parameter]] if parameter in LARGE else [])]


def edge_jobs(together, names=None):
    """Return executions at the edges.

    Of one parameter each, or of all at once, the first edges and then the last.
    """
    jobs = {}
    for name in names or notebook_names():
        rules = rules_of(name, SMALL[name])
        if together:
            for which in (0, -1):
                values = dict(SMALL[name])
                for (
                    parameter
                ) in rules:  # where a rule depends on the parameters before it, on their edges
                    if tried := edges_of(parameter, rules_of(name, values)[parameter]):
                        values[parameter] = tried[which]
                jobs[f"{name}.{which}"] = (name, values)
        else:
            for parameter, rule in rules.items():
                for number, edge in enumerate(edges_of(parameter, rule)):
                    jobs[f"{name}.{parameter}.{number}"] = (name, {**SMALL[name], parameter: edge})
    return jobs


def failures(jobs, folder):
    """Return what failed, unless a sentence that names a parameter refused it before training."""
    failed = {}
    for label, error in execute_all(jobs, folder).items():
        refused = error.strip().splitlines()[-1:] and error.strip().splitlines()[-1].startswith(
            "ValueError: parameter"
        )
        store = folder / f"{label}.sqlite"
        trained = len(RunStore(store).to_frame()) if os.path.exists(store) else 0
        if error and not (refused and not trained):
            failed[label] = f"{jobs[label][1]}\n{error[-1500:]}"
    return failed


@pytest.mark.timeout(3600)
@pytest.mark.deep
def test_all_parameters_at_their_edges_together_work_or_are_refused(tmp_path):
    failed = failures(edge_jobs(together=True), tmp_path)
    assert not failed, "\n\n".join(failed.values())


@pytest.mark.deep
@pytest.mark.timeout(7200)
def test_each_parameter_at_its_edges_works_or_is_refused(tmp_path):
    failed = failures(edge_jobs(together=False), tmp_path)
    assert not failed, "\n\n".join(failed.values())
