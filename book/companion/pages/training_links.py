"""Links to the place on the explorer's page where a reader trains a network of a figure.

The explorer's address says how a network is trained as `radixnet.RunSpec` does; see
`_static/explorer/address.js`.
"""

from __future__ import annotations

from html import escape

from companion.experiments import FIG8_LONGER_SETTINGS, FIG9_SETTINGS
from companion.plots.interactive import explorer_address
from radixnet.topology import LENET_300_100

STRANGE = "[[10, 10], [1]]"

NETWORKS: dict[str, tuple[str, dict[str, str | int]]] = {
    "fig04": (STRANGE, {}),
    "fig05": ("[[6, 10, 1]]", {"seed": 0, "rival": "seed"}),
    "fig08": (STRANGE, {**FIG8_LONGER_SETTINGS}),
    "fig09": (STRANGE, {**FIG9_SETTINGS, "rival": "seed"}),
    "strange": (STRANGE, {"rival": "seed"}),
    "repair": (STRANGE, {"seed": 0}),
}
"""A network of each page that offers one, by the page's short name, and how its runs are trained
where it is not as usual."""


def training_link(page: str, from_folder: str = "..", words: str = "Train it here") -> str:
    """Return a page's link as HTML, or an empty text where nothing is offered.

    Parameters
    ----------
    page
        Short name, such as ``"fig04"``.
    from_folder
        The book's folder, seen from the page.
    words
        What the link says.
    """
    if page not in NETWORKS:
        return ""
    radix_lists, settings = NETWORKS[page]
    address = explorer_address(radix_lists, LENET_300_100).partition("#")[2]
    training = "".join(f"&{name}={value}" for name, value in settings.items())
    target = escape(f"{from_folder}/explorer.html#{address}{training}&show=training")
    return f'<a class="reference internal" href="{target}">{words}</a>'
