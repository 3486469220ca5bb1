"""From radix lists to masks: RadiX-Nets, two ways to fit them to layer sizes, their families."""

from radixnet.topology.radix_topology import (
    LENET_300_100,
    Fit,
    RadixTopology,
    check_radix_lists,
    format_radix_lists,
)

__all__ = ["LENET_300_100", "Fit", "RadixTopology", "check_radix_lists", "format_radix_lists"]
