"""What connections tell before any training: whether a network can learn, what it may lose, and which radix lists to choose."""

from radixnet.diagnostics.diagnosis import Diagnosis, diagnose, live_units, path_counts, spectral_gaps

__all__ = ["Diagnosis", "diagnose", "live_units", "path_counts", "spectral_gaps"]
