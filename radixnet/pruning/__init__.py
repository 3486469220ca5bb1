"""Low-magnitude pruning, the method that the paper compares RadiX-Nets with."""
