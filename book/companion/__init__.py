"""What the notebooks and pages of this book share, and no user of RadiX-Nets needs.

It knows `radixnet`, which does not know it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
