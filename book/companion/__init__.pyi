from . import colours as colours
from . import experiments as experiments
from . import plots as plots
from .places import published as published
from .publication import published_runs as published_runs
from .publication import working_store as working_store
