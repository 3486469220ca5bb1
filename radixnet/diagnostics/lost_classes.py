r"""Which classes a network loses for good, and how likely, before any training.

This is the theory of the paper's strange models.

**The sign of the last weights decides.** Without biases and with ReLU hidden units
:math:`h_i \ge 0`, the logit of class c is :math:`z_c = \sum_i w_{ic} h_i` over the units that feed
it. If all these weights are negative, :math:`z_c \le 0` for every image; if all are positive,
:math:`z_c \ge 0`. So a class of negative weights can never have the largest logit alone while there
is a class of positive weights: at best both are 0, and then the first class wins (accuracies here
count the first of equal logits). Training does reach that tie, on just the images of the negative
class. So, as long as signs persist, the class is lost if a positive class comes before it. A class
with weights of either sign is safe.

**Signs mostly persist where there is one weight.** The gradient with respect to :math:`w_{ic}` is
:math:`(p_c - y_c) h_i`, and class c sends back :math:`(p_c - y_c) w_{ic}` to :math:`h_i`. A unit of
positive weight therefore comes to be on for its class, which pushes its weight up; one of negative
weight comes to be on for the other classes, which pushes its weight down. Still, a weight that
starts close to 0 can cross it in the first steps. What matters most is how the weights start: of
:math:`f` independent weights, each negative with chance 1/2, all are negative with chance
:math:`2^{-f}`.

**Units can be dead from the start.** Inputs are not negative, so a hidden unit whose incoming
weights are all negative, or come from dead units, is 0 for every image and has no gradient. With
independent units, unit b is dead with chance :math:`d_b = \prod_a (1 + d_a) / 2` over its inputs a,
where :math:`d = 0` for the inputs of the network. A class whose units are all dead has the constant
logit 0: it is lost, and acts like a positive one on the classes after it.

The theory assumes ReLU units, no biases, and last weights that are independent and negative as
often as positive, as with both initialisers, or all positive. The chance is then that of the start,
and that of trained networks as far as signs persist. Most do where the units that feed a class feed
no other; there, the chance that some class is lost agrees with training. All ten persist less
often: *which* classes are lost is told exactly by the starting signs in a third of networks with
one or two weights into a class, by the signs after training in four fifths. Units
that several classes share are pulled by the others too, weights on them cross zero, and the chance
is too high, the more so the more weights there are. Units that die later, during training, are not
counted: somewhat more classes are lost than the theory says, and many more with a positive start,
for which it says none. Classes that share hidden units have different weights all the same and are
independent at the start; only the dead units that they share are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radixnet.topology.masks import MaskArray, check_masks


def chance_of_lost_classes(
    masks: Sequence[MaskArray], positive_output: bool = False
) -> NDArray[np.float64]:
    """Return, for every k, the chance that the signs of the starting weights lose k classes.

    Parameters
    ----------
    masks
        One bool array per layer, of shapes (n0, n1), (n1, n2), ...; such as ``topology.masks``.
    positive_output
        Whether the weights of the last layer all start positive.

    Returns
    -------
    numpy.ndarray
        Shape (classes + 1,), summing to 1. Entry 0 is the chance that no class is lost; 1 minus it
        scores how likely the network is to become one of the paper's strange models.

    Raises
    ------
    ValueError
        If the masks do not form a network.

    Examples
    --------
    Ten classes, each with a unit of its own: on average four are lost, and hardly ever none.

    >>> masks = [np.ones((784, 10), dtype=bool), np.eye(10, dtype=bool)]
    >>> chances = chance_of_lost_classes(masks)
    >>> round(float(chances @ np.arange(11)), 2), round(float(chances[0]), 3)
    (4.0, 0.011)
    """
    checked = check_masks(masks)
    silent, one_sign = _chances_of_signs(checked, positive_output)
    # Class by class, in the order in which ties are decided: the chances that k are lost so far,
    # without and with an earlier class whose logit is never negative.
    count = len(silent) + 1
    unchallenged, challenged = np.zeros(count), np.zeros(count)
    unchallenged[0] = 1
    positive, negative = one_sign
    mixed = 1 - silent - positive - negative
    chances = (silent, positive, negative + mixed, positive + mixed, negative + silent)
    for is_silent, is_positive, is_harmless, is_kept, is_lost in np.stack(chances, axis=1).tolist():
        challenged = (
            unchallenged * is_positive
            + _with_one_more(unchallenged) * is_silent
            + challenged * is_kept
            + _with_one_more(challenged) * is_lost
        )
        unchallenged = unchallenged * is_harmless
    return unchallenged + challenged


def lost_by_signs(weights: Sequence[NDArray[np.floating[Any]]]) -> NDArray[np.bool_]:
    """Say which classes a network has lost by the signs of its weights.

    This is the rule above for given weights, as far as their signs persist. It knows nothing of
    units that die, or of weights that change their sign, during training.

    Parameters
    ----------
    weights
        One array per layer, of shapes (n0, n1), (n1, n2), ..., zero where there is no connection;
        such as the starting weights.

    Returns
    -------
    numpy.ndarray
        Shape (classes,), True for those that will never be the answer while the signs stay.

    Raises
    ------
    ValueError
        If the weights do not form a network.

    Examples
    --------
    Of three classes, the last has only a negative weight and comes after one with only a positive.

    >>> lost_by_signs([np.array([[0.1, 0.2, -0.1], [0.0, -0.2, 0.0]])]).tolist()
    [False, False, True]
    """
    layers = [np.asarray(layer) for layer in weights]
    check_masks([layer != 0 for layer in layers])
    live: NDArray[np.bool_] = np.ones(len(layers[0]), dtype=bool)
    for layer in layers[:-1]:
        live = np.any(layer[live] > 0, axis=0)
    last = layers[-1][live]
    has_positive, has_negative = (last > 0).any(axis=0), (last < 0).any(axis=0)
    never_negative = ~has_negative  # a class without any live unit has the logit 0
    challenged = np.concatenate([[False], np.logical_or.accumulate(never_negative)[:-1]])
    lost: NDArray[np.bool_] = ~has_positive & (challenged | never_negative)
    return lost


def chance_of_dead_units(masks: Sequence[MaskArray]) -> tuple[NDArray[np.float64], ...]:
    """Return for each hidden layer the chance of every unit to be dead from the start.

    Arrays of shape (units,). Exact if no two inputs of a unit can be dead for the same reason, for
    random signs, ReLU units, no biases, and inputs that are not negative and not always zero.

    Raises
    ------
    ValueError
        If the masks do not form a network.
    """
    checked = check_masks(masks)
    dead = [np.zeros(len(checked[0]))]
    for mask in checked[:-1]:
        dead.append(_product((1 + dead[-1]) / 2, mask))
    return tuple(dead[1:])


def _chances_of_signs(
    masks: Sequence[MaskArray], positive_output: bool
) -> tuple[NDArray[np.float64], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return each class's chances to be silent, and of all positive or negative live weights.

    A class is silent if all its units are dead.
    """
    dead = chance_of_dead_units(masks)
    last = dead[-1] if dead else np.zeros(len(masks[-1]))
    silent = _product(last, masks[-1])
    if positive_output:
        return silent, (1 - silent, np.zeros_like(silent))
    # Each weight is negative or of a dead unit; if all are of dead units, the class is silent.
    one_sign = _product((1 + last) / 2, masks[-1]) - silent
    return silent, (one_sign, one_sign)


def _with_one_more(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chances that k classes are lost, for every k, once one more is lost."""
    return np.concatenate([[0.0], chances[:-1]])


def _product(factors: NDArray[np.float64], mask: MaskArray) -> NDArray[np.float64]:
    """Return for each column of a mask the product of the factors that it selects, 1 for none."""
    zero = factors == 0
    with_logarithm = np.where(zero, 1.0, factors)
    product: NDArray[np.float64] = np.exp(np.log(with_logarithm) @ mask)
    product[np.any(mask[zero], axis=0)] = 0
    return product
