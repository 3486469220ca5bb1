"""The paper's claims: a measure for each in the module of its figure, the rule that judges them, and what the pages say of them.

A notebook measures the claims that its data decide and leaves the numbers; everything else reads what it left.
"""
