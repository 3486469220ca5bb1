"""The paper's claims: how each is measured, by figure; how it is judged; what pages say of it.

A notebook measures the claims that its data decide and leaves the numbers; everything else reads
what it left.
"""
