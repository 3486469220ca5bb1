"""What connections tell before any training: what a network can learn and what it may lose."""

from radixnet.diagnostics.diagnosis import (
    Diagnosis,
    diagnose,
    live_units,
    path_counts,
    spectral_gaps,
)

__all__ = ["Diagnosis", "diagnose", "live_units", "path_counts", "spectral_gaps"]
