"""Many runs: trained on every core or a cluster, stored once, published with the repository, and read back as tables."""
