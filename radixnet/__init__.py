"""RadiX-Nets: sparse networks wired by mixed-radix numerals, their training and diagnosis.

Importing the package is quick: each name of ``__init__.pyi`` loads what it needs when it is first
asked for.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
