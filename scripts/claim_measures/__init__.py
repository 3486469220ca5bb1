"""How each claim of the paper is measured: one short function per claim, from a table to numbers and a sentence.

A function takes one source: the published runs of a figure, the networks of Figs. 3 and 4, or something small that is made here. It
works with plain pandas on the table, so that a reader can follow it, and uses nothing of what the figures' own notebooks compute.
`book/paper_claims.yml` says in words what is measured here, and what the numbers are compared with.
"""

from claim_measures import accuracies, pruning, seeds, starts, strange, wiring
from claim_measures.registry import MEASURES, Measure

__all__ = ["MEASURES", "Measure", "accuracies", "pruning", "seeds", "starts", "strange", "wiring"]
