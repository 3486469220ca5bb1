"""The notebooks: where their sources are, what each must have, and how they are executed."""
