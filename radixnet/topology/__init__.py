"""Radix lists in, masks out: the mathematics of RadiX-Nets, two ways to fit them to layer sizes, the families in the paper."""

from radixnet.topology.radix_topology import (
    LENET_300_100,
    Fit,
    RadixTopology,
    check_radix_lists,
    format_radix_lists,
    positive_integer,
)

__all__ = ["LENET_300_100", "Fit", "RadixTopology", "check_radix_lists", "format_radix_lists", "positive_integer"]
