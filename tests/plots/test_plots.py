"""The pictures show what the data say: checked on what is drawn, not on how it is drawn."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

import radixnet as rx
from radixnet import plots
from radixnet.plots.network import layered_graph

SMALL = rx.RadixTopology([[2, 3], [3]], (12, 6, 9, 5))


def axes():
    return Figure(dpi=200).add_subplot()


def test_the_heat_map_shows_inputs_across_and_outputs_down():
    drawn = plots.draw_adjacency(axes(), SMALL.masks[0], "layer 1")
    shown = drawn.images[0].get_array()
    assert shown.shape == (6, 12)
    assert (np.asarray(shown) == SMALL.masks[0].T).all()


def test_the_sheet_gives_every_connection_the_same_whole_number_of_dots():
    topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    figure = plots.draw_adjacency_sheet(Figure(dpi=200), topology.masks)
    for number, mask in enumerate(topology.masks):
        box = figure.axes[number].get_window_extent()
        dots = box.width / mask.shape[0], box.height / mask.shape[1]
        assert dots == pytest.approx((round(dots[0]), round(dots[0])), abs=0.02)


def test_the_yellow_area_of_the_sheet_is_the_number_of_connections():
    topology = rx.RadixTopology([[4, 5], [10]], (40, 20, 40, 20))
    picture = plots.themed(lambda figure: plots.draw_adjacency_sheet(figure, topology.masks), alt="heat maps", size=(8, 8))
    pixels = np.asarray(Image.open(io.BytesIO(picture.light)).convert("RGBA"))[..., :3].astype(int)
    yellow = np.abs(pixels - [253, 231, 36]).sum(axis=2) < 12
    dots = 12  # per connection: the largest scale
    whole = sum(topology.connection_counts) * dots**2
    width = (1568 - 2 * 124) // 3 / 40  # dots per connection in the corners, which show 40 inputs and 20 outputs
    corners = sum(int(mask[:40, :20].sum()) for mask in topology.masks) * width**2
    assert yellow.sum() == pytest.approx(whole + corners, rel=0.02)


@pytest.mark.parametrize("nodes", [1, 4, 50])
def test_the_graph_has_a_line_for_every_connection_among_the_units_shown(nodes):
    graph = layered_graph(SMALL.masks, nodes)
    for layer, mask in enumerate(SMALL.masks):
        drawn = {(a, b) for (at, a), (_, b) in graph.edges if at == layer}
        assert drawn == {(a, b) for a, b in np.argwhere(mask) if a < nodes and b < nodes}


def test_the_network_picture_follows_exactly_the_paths_of_one_input():
    drawn = plots.draw_network(axes(), SMALL.masks, nodes_per_layer=12, traced_input=3)
    ordinary, followed = drawn.collections[:2]
    reached = np.zeros(12, dtype=bool)
    reached[3] = True
    count = 0
    for mask in SMALL.masks:
        count += int(mask[reached].sum())
        reached = mask[reached].any(axis=0)
    assert len(followed.get_segments()) == count
    assert len(ordinary.get_segments()) + count == sum(SMALL.connection_counts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nodes_per_layer": 0}, "at least 1 node"),
        ({"nodes_per_layer": 4, "traced_input": 4}, "traced_input 4 is not shown; choose one from 0 to 3"),
    ],
)
def test_a_network_that_cannot_be_drawn_says_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.draw_network(axes(), SMALL.masks, **arguments)


def test_the_distribution_counts_every_network_once():
    expanded, fitted = np.array([0.02, 0.5, 0.91, 0.92, 1.0]), np.array([0.0, 0.52, 0.9, 0.96, 0.99])
    drawn = plots.draw_sparsity_distribution(axes(), expanded, fitted, bins=10)
    assert sum(bar.get_height() for bar in drawn.patches[:10]) == 5
    assert drawn.patches[9].get_height() == 3
    assert sum(drawn.patches[10].get_data()[0]) == 5


def test_a_run_is_drawn_from_epoch_one_on():
    drawn = plots.draw_training_curves(axes(), [[0.1, 0.5, 0.9], [0.2, 0.3, 0.4]], "C0", 0.6, "level")
    first, second, level = drawn.lines
    assert list(first.get_xdata()) == [1, 2, 3]
    assert list(second.get_ydata()) == [0.2, 0.3, 0.4]
    assert set(level.get_ydata()) == {0.6}


def test_a_themed_figure_has_two_inks_and_speaks_in_place_of_the_picture():
    picture = plots.themed(lambda figure: figure.add_subplot().plot([0, 1]), alt='a line that "rises"', size=(4, 3))
    bundle = picture._repr_mimebundle_()
    light, dark = (np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")) for png in (picture.light, picture.dark))
    assert light.shape == (600, 800, 4)
    assert (light[0, 0, 3], dark[0, 0, 3]) == (0, 0), "the ground is the page's own"
    darkest, lightest = light[light[..., 3] > 200][:, :3].min(), dark[dark[..., 3] > 200][:, :3].max()
    assert darkest < 60 < 200 < lightest
    assert bundle["text/html"].count('alt="a line that &quot;rises&quot;"') == 2
    assert base64.b64decode(bundle["image/png"]) == picture.light


def test_a_figure_without_alt_text_is_refused():
    with pytest.raises(ValueError, match="needs alt text"):
        plots.themed(lambda figure: figure.add_subplot(), alt="  ", size=(1, 1))


def test_a_download_holds_the_whole_table_with_all_digits():
    table = pd.DataFrame({"radix_lists": ["[[10, 10], [10]]", "[[2]]"], "sparsity": [1 / 3, 0.9]})
    html = plots.download(table, "numbers.csv")._repr_mimebundle_()["text/html"]
    data = html.split("base64,")[1].split('"')[0]
    back = pd.read_csv(io.BytesIO(base64.b64decode(data)))
    pd.testing.assert_frame_equal(back, table, check_exact=True)


@pytest.mark.parametrize("close_up", [1, 0, -4, 2.5, True, None], ids=repr)
def test_a_close_up_without_an_output_is_refused(close_up):
    with pytest.raises(ValueError, match="close_up") as caught:
        plots.draw_adjacency_sheet(Figure(dpi=200), SMALL.masks, close_up=close_up)
    assert repr(close_up) in str(caught.value)


def test_the_smallest_close_up_shows_two_inputs_and_one_output():
    figure = plots.draw_adjacency_sheet(Figure(dpi=200), SMALL.masks, close_up=2)
    assert [axes.images[0].get_array().shape for axes in figure.axes[3:]] == [(1, 2)] * 3
