"""Networks that low-magnitude pruning makes sparse, and RadiX-Nets beside them (the paper's Fig. 7)."""
