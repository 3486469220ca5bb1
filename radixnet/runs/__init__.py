"""Many training runs: trained in parallel, each one stored as it ends, never trained twice."""
