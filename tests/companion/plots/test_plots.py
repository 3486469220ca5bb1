"""The pictures show what the data say: checked on what is drawn, not on how it is drawn."""

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

import radixnet as rx
from companion import page, plots
from companion.plots.landscape_slices import (
    draw_loss_contours,
    draw_loss_surface,
    loss_levels,
)
from companion.plots.network import layered_graph

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
    picture = plots.themed(
        lambda figure: plots.draw_adjacency_sheet(figure, topology.masks),
        alt="heat maps",
        size=(8, 8),
    )
    pixels = np.asarray(Image.open(io.BytesIO(picture.light)).convert("RGBA"))[..., :3].astype(int)
    yellow = np.abs(pixels - [253, 231, 36]).sum(axis=2) < 12
    dots = 12  # per connection: the largest scale
    whole = sum(topology.connection_counts) * dots**2
    width = (
        (1568 - 2 * 124) // 3 / 40
    )  # dots per connection in the corners, which show 40 inputs and 20 outputs
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
        (
            {"nodes_per_layer": 4, "traced_input": 4},
            "traced_input 4 is not shown; choose one from 0 to 3",
        ),
    ],
)
def test_a_network_that_cannot_be_drawn_says_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.draw_network(axes(), SMALL.masks, **arguments)


def test_the_distribution_counts_every_network_once():
    expanded, fitted = (
        np.array([0.02, 0.5, 0.91, 0.92, 1.0]),
        np.array([0.0, 0.52, 0.9, 0.96, 0.99]),
    )
    drawn = plots.draw_sparsity_distribution(axes(), expanded, fitted, bins=10)
    assert sum(bar.get_height() for bar in drawn.patches[:10]) == 5
    assert drawn.patches[9].get_height() == 3
    assert sum(drawn.patches[10].get_data()[0]) == 5


def test_a_run_is_drawn_from_epoch_one_on():
    drawn = plots.draw_training_curves(
        axes(), [[0.1, 0.5, 0.9], [0.2, 0.3, 0.4]], "C0", 0.6, "level"
    )
    first, second, level = drawn.lines
    assert list(first.get_xdata()) == [1, 2, 3]
    assert list(second.get_ydata()) == [0.2, 0.3, 0.4]
    assert set(level.get_ydata()) == {0.6}


def test_a_themed_figure_has_two_inks_and_speaks_in_place_of_the_picture():
    picture = plots.themed(
        lambda figure: figure.add_subplot().plot([0, 1]), alt='a line that "rises"', size=(4, 3)
    )
    bundle, about = picture._repr_mimebundle_()
    light, dark = (
        np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
        for png in (picture.light, picture.dark)
    )
    assert light.shape == (600, 800, 4)
    assert (light[0, 0, 3], dark[0, 0, 3]) == (0, 0), "the ground is the page's own"
    darkest, lightest = (
        light[light[..., 3] > 200][:, :3].min(),
        dark[dark[..., 3] > 200][:, :3].max(),
    )
    assert darkest < 60 < 200 < lightest
    assert bundle["text/html"].count('alt="a line that &quot;rises&quot;"') == 2
    assert base64.b64decode(bundle["image/png"]) == picture.light
    assert about["radixnet"]["alt"] == 'a line that "rises"'


def test_a_notebook_that_is_made_into_a_page_leaves_its_pictures_and_numbers_as_files(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(page.FOLDER, str(tmp_path))
    pictures = [
        plots.themed(lambda figure: figure.add_subplot(), alt="nothing", size=(1, 1))
        for _ in range(2)
    ]
    assert len({picture.name for picture in pictures}) == 2
    for picture in pictures:
        assert (tmp_path / f"{picture.name}-light.png").read_bytes() == picture.light
        assert (tmp_path / f"{picture.name}-dark.png").read_bytes() == picture.dark
    page.report(first=1, second="two")
    page.report(second="2", third=f"{1 / 3:.1%}")
    assert json.loads((tmp_path / page.NUMBERS).read_text(encoding="utf-8")) == {
        "first": "1",
        "second": "2",
        "third": "33.3%",
    }


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


STEPS = np.linspace(-1, 1, 5)
BOWL = (
    0.1 + STEPS[:, None] ** 2 + 3 * (STEPS[None, :] - 0.5) ** 2
)  # loss[first, second]: least at (0, 0.5)


def test_levels_reach_from_the_smallest_loss_of_all_landscapes_to_the_largest_by_equal_ratios():
    levels = loss_levels(BOWL, [[7.0, 0.2]])
    assert (levels[0], levels[-1]) == pytest.approx((0.1, 7.85))
    ratios = levels[1:] / levels[:-1]
    np.testing.assert_allclose(ratios, ratios[0])


@pytest.mark.parametrize(
    "loss",
    [np.full((2, 2), 0.3), np.zeros((2, 2)), [[0.0, 1.0]]],
    ids=["flat", "zero", "from zero"],
)
def test_levels_increase_where_there_is_nothing_to_tell_apart(loss):
    levels = loss_levels(loss)
    assert np.isfinite(levels).all()
    assert (np.diff(levels) > 0).all()


@pytest.mark.parametrize("loss", [[np.nan], [np.inf, 1.0], [-1.0], []], ids=repr)
def test_losses_that_no_landscape_has_are_refused(loss):
    with pytest.raises(ValueError, match="all losses are finite"):
        loss_levels(loss)


def test_contours_have_the_first_direction_across_and_the_second_up():
    drawn = draw_loss_contours(axes(), STEPS, BOWL, loss_levels(BOWL), level=0.5)
    lowest = drawn.collections[0].get_paths()[0].vertices
    assert np.abs(lowest[:, 0]).max() < 0.5
    assert (lowest[:, 1].min(), lowest[:, 1].max()) == pytest.approx((0.5, 0.5), abs=0.5)
    dashed = drawn.collections[-1].get_paths()[0].vertices
    # Between grid points Matplotlib interpolates linearly: along the second direction through (0,
    # 1), from 0.1 to 0.85.
    assert (
        np.isclose(dashed, [0, 0.5 + 0.5 * (0.5 - 0.1) / (0.85 - 0.1)], atol=1e-6).all(axis=1).any()
    )
    (cross,) = drawn.lines
    assert (list(cross.get_xdata()), list(cross.get_ydata())) == ([0], [0])


def test_a_level_that_a_landscape_does_not_reach_is_not_drawn():
    reached, missed = (
        draw_loss_contours(axes(), STEPS, BOWL, loss_levels(BOWL), level) for level in (1.0, 100.0)
    )
    assert len(reached.collections) == len(missed.collections) + 1


@pytest.mark.parametrize("points", [5, 4], ids=["middle on the grid", "between"])
def test_a_surface_is_as_high_as_the_logarithm_of_its_loss_and_carries_the_cross(points):
    steps = np.linspace(-1, 1, points)
    slope = 10 ** (1 + steps[:, None] - 0.5 * steps[None, :])  # its logarithm is a plane through 1
    drawn = draw_loss_surface(
        Figure().add_subplot(projection="3d"), steps, slope, loss_levels(slope)
    )
    surface, cross = drawn.collections
    corners = np.asarray(surface._faces).reshape(-1, 3)
    np.testing.assert_allclose(corners[:, 2], 1 + corners[:, 0] - 0.5 * corners[:, 1], atol=1e-9)
    assert len(np.unique(corners.round(6), axis=0)) == points**2
    assert [float(np.squeeze(values)) for values in cross._offsets3d] == pytest.approx([0, 0, 1])


def test_all_landscapes_of_a_sheet_have_one_scale_and_room_below():
    figure = Figure(figsize=(8, 8))
    below = plots.draw_landscape_sheet(figure, STEPS, {"one": BOWL, "two": 10 * BOWL}, level=0.5)
    assert [text.get_text() for text in figure.texts] == ["one", "two"]
    surfaces = [drawn for drawn in figure.axes if drawn.name == "3d"]
    assert (
        surfaces[0].get_zlim()
        == surfaces[1].get_zlim()
        == pytest.approx((np.log10(0.1), np.log10(78.5)))
    )
    assert figure.axes[1].collections[0].levels == pytest.approx(
        figure.axes[3].collections[0].levels
    )
    assert below is figure.axes[-1]
    boxes = [drawn.get_position() for drawn in figure.axes[1::2][:2]]
    assert all(box.y0 > below.get_position().y1 for box in boxes)
    assert boxes[0].x1 < boxes[1].x0


def test_a_line_of_losses_is_marked_at_start_and_end():
    losses = {"a": ([2.0, 1.5, 0.2], "C0"), "b": ([3.0, 2.5, 2.0], "C1")}
    drawn = plots.draw_loss_line(axes(), [-0.5, 0.0, 1.0], losses, "title")
    assert [list(line.get_ydata()) for line in drawn.lines] == [[2.0, 1.5, 0.2], [3.0, 2.5, 2.0]]
    assert [line.get_color() for line in drawn.lines] == ["C0", "C1"]
    assert list(drawn.get_xticks()) == [0, 1]
    assert [label.get_text() for label in drawn.get_xticklabels()] == ["start", "trained"]


def test_a_box_in_space_is_as_transparent_as_the_page():
    picture = plots.themed(
        lambda figure: figure.add_subplot(projection="3d"), alt="an empty box", size=(3, 3)
    )
    for png in (picture.light, picture.dark):
        opaque = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[..., 3] > 0
        assert 0 < opaque.mean() < 0.2, (
            "lines and numbers only; the three walls would cover half of the picture"
        )


def test_a_saliency_map_shows_the_pixels_where_they_are_and_the_box_of_the_digits():
    saliency = np.arange(784.0).reshape(28, 28)
    drawn = plots.draw_saliency_map(axes(), saliency, "a map")
    _, bar = drawn.figure.axes
    assert bar.get_ylim() == (0, 783)
    np.testing.assert_array_equal(drawn.images[0].get_array(), saliency)
    assert drawn.images[0].get_clim() == (0, 783)
    (box,) = drawn.patches
    assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == (3.5, 3.5, 20, 20)


def test_every_model_has_a_row_of_its_values_and_says_their_median():
    drawn = plots.draw_by_model(axes(), {"first": [0.1, 0.2], "none": [], "last": [0.4]}, "last")
    points = [collection.get_offsets().tolist() for collection in drawn.collections]
    assert points == [[[0.1, 0.0], [0.2, 0.0]], [], [[0.4, 2.0]]]
    assert [label.get_text() for label in drawn.get_yticklabels()] == ["first", "none", "last"]
    assert {text.get_position()[1]: text.get_text() for text in drawn.texts} == {
        0: "15.0%",
        2: "40.0%",
    }
    low, high = drawn.get_ylim()
    assert low > 2 > 0 > high


def test_each_way_to_train_has_a_row_with_a_marker_for_each_processor():
    times = pd.DataFrame(
        [("ours", "A", 40), ("Keras", "A", 3000), ("ours", "B", 90)],
        columns=["way", "processor", "milliseconds"],
    )
    drawn = plots.draw_times(axes(), times, ["ours", "never measured", "Keras"], "ours")
    found = {mark.get_label(): mark.get_offsets().tolist() for mark in drawn.collections}
    assert found == {"A": [[40, 0], [3000, 2]], "B": [[90, 0]]}
    assert [text.get_text() for text in drawn.get_yticklabels()] == [
        *("ours", "never measured", "Keras")
    ]
    low, high = drawn.get_ylim()
    assert low > 2 > 0 > high
