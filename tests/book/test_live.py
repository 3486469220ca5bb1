"""Training on the explorer's page, opened from disk: what a reader does and sees."""

import csv
import functools
import json
import re
from itertools import combinations
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from built_book import watch_requests

import radixnet as rx
from companion.pages.assembly import HTML
from companion.pages.live_scripts import PARTS

pytestmark = pytest.mark.browser

PAGE = (HTML / "book" / "explorer.html").as_uri()
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STRANGE = "#radix_lists=[[10,10],[1]]"
DONE = """count => {
  const said = [...document.querySelectorAll(".live-lane:not([hidden]) .live-outcome")];
  return said.length === count && document.getElementById("live-stop").disabled
    && said.every(outcome => outcome.textContent !== "");
}"""
STEPS = """() => Math.max(0, ...[...document.querySelectorAll("#live-lane-0 .live-bars")].map(
  bars => Number(bars.ariaLabel.match(/at step ([\\d,]+)/)[1].replace(",", ""))))"""


@pytest.fixture
def live(chromium):
    """Return a function that opens the explorer; whatever goes wrong on the page fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems, page.asked_for = [], []
    page.on("pageerror", lambda error: problems.append(str(error)))
    watch_requests(page, problems)
    page.on("request", lambda request: page.asked_for.append(request.url))

    def open_page(address=STRANGE, width=1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("about:blank")
        page.goto(PAGE + address, wait_until="load")
        return page

    yield open_page
    context.close()
    assert problems == []
    assert not [url for url in page.asked_for if url.startswith(("http", "ws"))]


def train(page, lanes=2):
    page.click("#live-train")
    page.wait_for_function(DONE, arg=lanes)


def outcomes(page):
    """Return accuracy on test images and digits answered, as each lane says in the end."""
    return read_outcomes(page.locator(".live-outcome:visible").all_inner_texts())


def read_outcomes(said):
    pattern = r"After \d+ epochs?: ([\d.]+)% of the test images, (\d+) of 10 digits answered."
    return [(float(a), int(b)) for a, b in (re.fullmatch(pattern, text).groups() for text in said)]


@functools.cache
def in_python():
    """Return what the strange model and the same, folded, come to in Python, as `outcomes`."""
    found = []
    for fit in ("trim", "fold"):
        topology = rx.RadixTopology([[10, 10], [1]], (784, 300, 100, 10), fit)
        run = rx.train(rx.RunSpec(topology, seed=1000))
        accuracy = pytest.approx(100 * run.test_accuracy[-1], abs=0.3)
        found.append((accuracy, int(run.test_classes[-1])))
    return found


def test_nothing_starts_or_is_read_before_a_click(live):
    page = live()
    own = [url for url in page.asked_for if "/explorer" in url or "/live/" in url]
    assert sum(Path(unquote(urlsplit(url).path)).stat().st_size for url in own) < 300_000
    assert not [url for url in page.asked_for if "mnist_" in url or url.startswith("blob:")]
    assert page.locator("#live-curves").is_hidden()
    page.click("#live-step")
    page.wait_for_function(f"({STEPS})() === 1")
    assert len([url for url in page.asked_for if "mnist_" in url]) == PARTS


def test_a_strange_model_loses_digits_and_folding_saves_it_as_in_python(live):
    page = live()
    page.fill("#live-guess", "10")
    train(page)
    assert outcomes(page) == in_python()
    assert page.inner_text("#live-verdict") == "You guessed 10: it answers 3 of 10 digits."
    assert "Figure 4" in page.inner_text("#live-grey")
    assert page.locator("circle.live-published").count() == 3
    # As published, the mean training accuracy of each epoch lies where this run's does.
    places = [
        page.locator(f"circle.live-{kind}").evaluate_all(
            "dots => dots.map(d => d.cy.baseVal.value)"
        )
        for kind in ("published", "lane-0")
    ]
    assert places[0] == pytest.approx(places[1], abs=1)
    page.locator("#live-status", has_text="3 of 10 digits answered").wait_for(state="attached")
    # Digits that are never the answer are seen to be dead, and so are hidden units.
    drawn = [lane.get_attribute("aria-label") for lane in page.locator(".live-lane canvas").all()]
    assert "hidden layer 2: 100 units, 9 live; outputs: 10 units, 3 live" in drawn[0]
    assert "outputs: 10 units, all live" in drawn[1]


def test_no_published_run_is_drawn_beside_weights_that_none_of_them_started_with(live):
    page = live(f"{STRANGE}&rival=none&initializer=as_dense")
    page.click("#live-step")
    page.wait_for_function(f"({STEPS})() === 1")
    assert page.locator("circle.live-published").count() == 0


def test_it_is_paused_stepped_continued_and_stopped_by_keyboard(live):
    page = live(f"{STRANGE}&epochs=100&rival=none")
    page.focus("#live-train")
    page.keyboard.press("Enter")
    page.wait_for_function(f"({STEPS})() > 10")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Go on").wait_for()
    page.wait_for_timeout(500)
    before = page.evaluate(STEPS)
    page.focus("#live-step")
    page.keyboard.press("Enter")
    page.wait_for_function(f"({STEPS})() === {before + 1}")
    page.keyboard.press("Enter")
    page.wait_for_function(f"({STEPS})() === {before + 2}")
    page.get_by_role("button", name="Go on").press("Enter")
    page.wait_for_function(f"({STEPS})() > {before + 10}")
    page.get_by_role("button", name="Stop").press("Enter")
    assert page.locator("#live-stop").is_disabled()
    page.wait_for_timeout(500)
    stopped = page.evaluate(STEPS)
    page.wait_for_timeout(500)
    assert page.evaluate(STEPS) == stopped


FOCUSED = """() => {
  const {id, name, textContent} = document.activeElement;
  return id || name || textContent;
}"""


def test_tab_leads_from_the_guess_through_all_that_can_be_done(live):
    page = live()
    page.focus("#live-guess")
    order = []
    while len(order) < 7:
        order.append(page.evaluate(FOCUSED))
        page.keyboard.press("Tab")
    doing = ["live-guess", "rival", "live-train", "live-step", "live-speed"]
    assert order == [*doing, "Settings", "The same run in Python"]


def test_early_reports_come_after_1_2_4_and_more_steps(live):
    page = live(f"{STRANGE}&epochs=1&rival=none")
    train(page, lanes=1)
    with page.expect_download() as download:
        page.click("#live-download")
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    steps = [int(row["step"]) for row in rows]
    assert steps == sorted(set(steps))
    assert {2**k for k in range(10)} <= set(steps)
    assert steps[-1] == 540
    assert sum(int(rows[-1][f"answered_{digit}"]) for digit in range(10)) == 1000
    settings = page.evaluate("Address.TRAINING") | {"epochs": "1", "radix_lists": "[[10, 10], [1]]"}
    del settings["rival"]
    assert settings.items() <= rows[-1].items()
    assert float(rows[-1]["test_accuracy"]) == pytest.approx(outcomes(page)[0][0] / 100, abs=1e-4)


def test_a_result_is_said_to_be_of_other_settings_once_they_change(live):
    page = live(f"{STRANGE}&epochs=1&rival=none")
    train(page, lanes=1)
    page.fill("#live-guess", "3")
    assert page.inner_text("#live-problem") == ""
    page.locator("#live-form details").first.evaluate("fold => { fold.open = true; }")
    page.fill("#live-form [name=seed]", "7")
    assert "of other settings" in page.inner_text("#live-problem")
    page.fill("#live-form [name=seed]", "1e3")
    assert page.inner_text("#live-problem") == ""


LABELS = """() => [...document.querySelectorAll("#live-pictures svg")].map(chart => ({
  width: chart.viewBox.baseVal.width,
  labels: [...chart.querySelectorAll("text")].map(text => {
    const {x, y, width, height} = text.getBBox();
    return [x, y, x + width, y + height];
  })
}))"""


@pytest.mark.parametrize(
    "settings", ["epochs=1", "epochs=100", "epochs=100&batch_size=4096", "batch_size=360"]
)
def test_no_label_of_a_narrow_chart_is_cut_or_meets_another(live, settings):
    page = live(f"{STRANGE}&rival=none&{settings}", width=360)
    page.click("#live-step")
    page.locator("#live-pictures svg").last.wait_for()
    for chart in page.evaluate(LABELS):
        assert len(chart["labels"]) > 6
        for left, _, right, _ in chart["labels"]:
            assert left >= 0
            assert right <= chart["width"]
        for one, other in combinations(chart["labels"], 2):
            apart = one[2] <= other[0] or other[2] <= one[0]
            # Lines of text touch by a pixel or two of empty room above their letters.
            assert apart or one[3] - 4 <= other[1] or other[3] - 4 <= one[1]


CHANGED = {
    "seed": 9007199254740993,
    "epochs": 1,
    "batch_size": 250,
    "learning_rate": 0.002,
    "initializer": "fan_in",
    "activation": "leaky_relu",
    "use_bias": True,
    "positive_output": True,
}


def test_the_address_and_the_python_line_hold_every_setting(live):
    page = live(f"{STRANGE}&fit=fold&dense_output=true")
    page.locator("#live-form details").first.evaluate("fold => { fold.open = true; }")
    for name, value in CHANGED.items():
        control = page.locator(f"#live-form [name={name}]")
        if value is True:
            control.check()
        elif isinstance(value, str):
            control.select_option(value)
        else:
            control.fill(str(value))
    page.select_option("#live-form [name=rival]", "none")
    address = page.evaluate("location.hash")
    assert address.startswith("#radix_lists=[[10,10],[1]]&layer_sizes=784-300-100-10&fit=fold")
    again = live(address)
    assert again.evaluate("location.hash") == address
    names = {"rx": rx}
    again.get_by_text("The same run in Python").click()
    again.click("#live-copy")
    again.get_by_role("button", name="Copied").wait_for()
    again.evaluate(
        "const box = document.createElement('textarea'); box.id = 'pasted';"
        "document.querySelector('main').prepend(box); box.focus()"
    )
    again.keyboard.press("Control+V")
    text = again.input_value("#pasted") + "\n"
    exec(text.split("run = ")[0].replace("import radixnet as rx", ""), names)  # noqa: S102
    spec = eval(re.search(r"rx.train\((.*)\)\n", text)[1], names)  # noqa: S307
    topology = rx.RadixTopology([[10, 10], [1]], (784, 300, 100, 10), "fold", True)
    assert spec == rx.RunSpec(topology, **CHANGED)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("#radix_lists=[[3,4],[12]]&layer_sizes=16-12-24-6", "needs 784 inputs"),
        ("#radix_lists=[[2,2],[2]]&layer_sizes=784-5000-1500-10", "Too large to be trained"),
        ("#radix_lists=[[1,1],[1]]&layer_sizes=784-600-500-10", "Too large to be trained"),
    ],
)
def test_a_network_that_cannot_be_trained_here_says_so_before_it_starts(live, address, reason):
    page = live(address)
    assert reason in page.inner_text("#live-problem")
    assert page.locator("#live-train").is_disabled()
    page.fill("#radix-lists", "[[10, 10], [10]]")
    page.fill("#layer-sizes", "784-300-100-10")
    page.wait_for_function("!document.getElementById('live-train').disabled")
    assert page.inner_text("#live-problem") == ""


def private_memory(browser):
    """Return megabytes of its own memory that each process of pages has, by its number."""
    session = browser.new_browser_cdp_session()
    found = {}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        status = Path(f"/proc/{process['id']}/status")
        if process["type"] == "renderer" and status.exists():
            text = status.read_text(encoding="utf-8")
            found[process["id"]] = int(re.search(r"RssAnon:\s+(\d+)", text)[1]) / 1024
    session.detach()
    return found


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_the_two_largest_networks_that_are_allowed_fit_a_tab(live, chromium):
    before = private_memory(chromium)
    page = live("#radix_lists=[[1,1],[1]]&layer_sizes=784-310-230-10&rival=dense&epochs=1")
    page.click("#live-train")
    most = 0
    while not page.evaluate(DONE, 2):
        now = private_memory(chromium)
        most = max(most, *(now[each] - before.get(each, 0) for each in now))
        page.wait_for_timeout(50)
    assert 100 < most < 400  # and 100 for the browser's code, which its tabs share


@pytest.mark.parametrize(
    ("setting", "name"),
    [("seed=-1", "Seed"), ("activation=gelu", "Hidden units"), ("epochs=0", "Epochs")],
)
def test_a_setting_that_cannot_be_is_named_and_shown(live, setting, name):
    page = live(f"{STRANGE}&{setting}")
    page.click("#live-train")
    assert page.inner_text("#live-problem").startswith(f"{name}: ")
    assert page.locator(f"#live-form [name={setting.split('=')[0]}]").is_visible()
    assert page.locator("#live-results").is_hidden()


def test_numbers_are_read_however_they_are_written(live):
    page = live(f"{STRANGE}&seed=1e3&epochs=1e1&learning_rate=1e-3&batch_size=0100&rival=seed")
    settings = page.evaluate("Training.settings()")
    usual = page.evaluate("Address.TRAINING")
    assert settings == usual | {"epochs": "10", "rival": "seed"}
    assert "seed=1000, epochs=10)" in page.text_content("#live-python")


def test_only_digits_are_counted_as_digits_answered(live):
    untrained = "&epochs=1&batch_size=4096&learning_rate=0.000001&rival=none"
    page = live(f"#radix_lists=[[10,10],[10]]&layer_sizes=784-300-100-100{untrained}")
    train(page, lanes=1)
    bars = page.locator("#live-lane-0 .live-bars > span").evaluate_all(
        "bars => bars.map(bar => bar.className !== 'live-none')"
    )
    assert any(bars[10:])
    assert page.locator("#live-lane-0 dd").nth(1).inner_text() == f"{sum(bars[:10])} of 10"
    assert outcomes(page)[0][1] <= 10


@pytest.mark.parametrize("rival", ["dense_output", "activation", "seed", "dense"])
def test_every_rival_trains_beside_the_network(live, rival):
    page = live(f"{STRANGE}&epochs=1&rival={rival}")
    train(page)
    (network, _), (other, _) = outcomes(page)
    assert network < 40
    assert other != network


def test_a_digit_that_is_drawn_or_shown_is_answered(live):
    page = live(f"{STRANGE}&fit=fold&rival=none")
    train(page, lanes=1)
    page.locator("#live-digit").scroll_into_view_if_needed()
    page.click("#live-clear")
    box = page.locator("#live-digit").bounding_box()
    middle = box["x"] + 0.5 * box["width"]
    page.mouse.move(middle, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.8 * box["height"], steps=9)
    pixels = "() => document.getElementById('live-digit').toDataURL()"
    drawn = page.evaluate(pixels)
    page.mouse.up()
    said = page.locator("#live-digit-said")
    page.wait_for_function(
        "document.getElementById('live-digit-said').textContent.includes('sure')"
    )
    assert ": 1 (" in said.inner_text()
    assert page.evaluate(pixels) == drawn
    assert page.locator("#live-digit-seen").is_visible()
    page.click("#live-clear")
    assert said.inner_text() == ""
    assert page.locator("#live-digit-seen").is_hidden()
    assert page.locator("#live-logits").is_hidden()
    right = []
    for _ in range(5):
        said.evaluate("place => { place.textContent = ''; }")
        page.click("#live-show")
        page.wait_for_function(
            "document.getElementById('live-digit-said').textContent.includes('sure')"
        )
        truth, answer = re.match(r"In truth a (\d)\. .*: (\d) \(", said.inner_text()).groups()
        logits = page.locator("#live-logits-0 td").all_inner_texts()
        assert int(answer) == np.argmax([float(logit) for logit in logits])
        right.append(truth == answer)
    assert sum(right) >= 3


def test_sixteen_starts_are_counted_beside_the_chances_of_the_theory(live):
    page = live(f"{STRANGE}&epochs=1")
    page.click("#live-sixteen")
    said = page.locator("#live-starts-said")
    said.filter(has_text="16 of 16").wait_for()
    counts = re.findall(r"(\d+) loses? (\d+)", said.inner_text())
    assert sum(int(count) for count, _ in counts) == 16
    assert min(int(lost) for _, lost in counts) >= 1
    assert page.locator("#live-starts .live-bars b").count() == 11


def test_sixteen_starts_have_no_theory_where_there_are_more_outputs_than_digits(live):
    page = live(f"{STRANGE}&layer_sizes=784-300-100-20&epochs=1")
    page.click("#live-sixteen")
    said = page.locator("#live-starts-said")
    said.filter(has_text="16 of 16").wait_for()
    assert "theory" not in said.inner_text()
    assert page.locator("#live-starts .live-bars b").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_after_training(live, theme):
    page = live(f"{STRANGE}&epochs=1", width=1280)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    train(page)
    page.click("#live-show")
    page.locator("#live-logits").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    options = {"runOnly": LEVELS, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context={"include": [["#live"]]}, options=options)
    assert (found.generate_report() if found.violations_count else "") == ""


MINUS = "\N{MINUS SIGN}"


def test_a_digit_that_is_never_the_answer_is_said_to_have_weights_that_cannot_make_it_one(live):
    page = live(f"{STRANGE}&rival=none")
    train(page, lanes=1)
    page.locator(".live-lane canvas[aria-label*='3 live']").wait_for()
    lane = page.locator("#live-lane-0")
    never = lane.locator(".live-bars > .live-none").all_inner_texts()
    assert len(never) == 7
    signs = [text.strip() for text in lane.locator(".live-pulls > span").all_inner_texts()]
    why = lane.locator(".live-why").inner_text()
    for digit in never:
        group = re.search(rf"\b{digit}\b[^()]*\(([^)]*)\)", why)[1]
        assert group == {MINUS: "negative weights only", "0": "hears only zeros"}[signs[int(digit)]]
    assert {signs[int(digit)] for digit in "0123456789" if digit not in never} == {"+"}
    said = lane.locator(".live-pulls").get_attribute("aria-label")
    read = re.findall(r"(\d) -?[\d.]+ \((\d+) positive, (\d+) negative\)", said)
    words = ["+" * (up == "1") + MINUS * (down == "1") or "0" for _, up, down in read]
    assert words == signs


def test_a_logit_that_a_negative_weight_raises_is_not_blamed_on_it(live):
    """Units of leaky ReLU below zero make the weights' signs no reason."""
    pulls = [
        {"up": 0.2, "down": 0, "positive": 0, "negative": 1},
        {"up": 0, "down": -0.2, "positive": 0, "negative": 1},
        {"up": 0, "down": -0.2, "positive": 1, "negative": 0},
        {"up": 0, "down": 0, "positive": 0, "negative": 0},
    ]
    why = live().evaluate(
        """pulls => {
          const { content } = document.getElementById("live-lane");
          const root = content.firstElementChild.cloneNode(true);
          const lane = Object.create(Lanes.Lane.prototype);
          Object.assign(lane, { root, layers: [], reachable: [] });
          const answers = pulls.map(() => 0).concat(1);
          const sample = { answers, pulls, accuracy: 0, alive: [answers] };
          lane.drawAnswers({ sample, loss: 0, speed: 0, step: 1 });
          return root.querySelector(".live-why").textContent;
        }""",
        pulls,
    )
    assert why == (
        "Never the answer: 1 (negative weights only); 3 (hears only zeros); "
        "0, 2 (others are larger)."
    )


PIECES = """() => {
  const wanted = {radix_lists: "[[10,10],[10]]", layer_sizes: "784-300-100-10", fit: "trim"};
  const {layers, diagnosis} = Explorer.workOut({...wanted, dense_output: "false"});
  const canvas = document.createElement("canvas");
  document.getElementById("live").append(canvas);
  const inks = Pictures.inksOf(document.getElementById("explorer-top"));
  const draw = (live, before) =>
    [...Pictures.drawNetwork(canvas, layers, live, null, 500, inks, before)].length;
  const live = diagnosis.live;
  const fewer = live.map(units => units.slice());
  fewer[2][7] = 0;
  const counts = [draw(live, null), draw(live, live), draw(fewer, live)];
  const changed = canvas.toDataURL();
  draw(fewer, null);
  return {counts, isSame: changed === canvas.toDataURL()};
}"""


def test_a_network_is_drawn_layer_by_layer_and_again_only_where_it_changed(live):
    # A layer is a piece of work; a unit that dies is seen in the layers before and after it.
    assert live().evaluate(PIECES) == {"counts": [3, 0, 2], "isSame": True}


LOOP = """() => Math.min(...Array.from({length: 9}, () => {
  const started = performance.now();
  let sum = 0;
  for (let i = 1; i < 2e6; i += 1) sum += Math.sqrt(i) / i;
  return sum && performance.now() - started;
}))"""


@pytest.mark.deep
def test_training_leaves_a_machine_that_is_six_times_slower_free_to_answer(live, chromium):
    page = live(f"{STRANGE}&epochs=1")
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    loop = page.evaluate(LOOP)
    chromium.start_tracing(page=page, categories=["toplevel"])
    train(page)
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"] / 1000  # of the processor; the wall's depends on who else runs
        for event in events
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main
        if "tdur" in event
    ]
    assert len(tasks) > 100
    assert max(tasks) < 4 * loop, (max(tasks), loop)


def test_a_narrow_screen_holds_it_all(live):
    page = live(f"{STRANGE}&epochs=1", width=360)
    train(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_link_leads_to_the_place_where_a_network_is_trained(live):
    page = live(f"{STRANGE}&show=training")
    assert page.evaluate("document.activeElement.id") == "live-train"
    assert page.evaluate(
        "(() => { const box = document.getElementById('live-train').getBoundingClientRect();"
        " return box.top > 0 && box.bottom < innerHeight; })()"
    )
    assert "show=" not in page.evaluate("location.hash")


WATCHED = """() => {
  const {receive} = Lanes.Lane.prototype;
  Lanes.Lane.prototype.receive = function (data) {
    window.kernels = data.kernels ?? window.kernels;
    receive.call(this, data);
  };
}"""


@pytest.mark.parametrize(
    ("switched_off", "kernels"),
    [
        ([], "relaxed SIMD"),
        (["wasm_relaxed_simd"], "SIMD"),
        (["wasm"], "plain JavaScript"),
    ],
)
def test_firefox_trains_from_disk_with_the_fastest_kernels_that_it_has(
    start_firefox, switched_off, kernels
):
    page = start_firefox(**{f"javascript.options.{name}": False for name in switched_off})
    page.goto(f"{PAGE}{STRANGE}")
    page.evaluate(WATCHED)
    page.evaluate("document.getElementById('live-step').click()")
    page.wait_for_function(f"() => ({STEPS})() === 1")
    assert page.evaluate("kernels") == kernels
    if switched_off:
        return
    page.evaluate("document.getElementById('live-train').click()")
    page.wait_for_function(DONE, 2)
    said = page.evaluate(
        "[...document.querySelectorAll('.live-outcome')].map(place => place.textContent)"
    )
    assert read_outcomes(said) == in_python()


def test_without_scripts_a_sentence_says_what_is_missing(chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE)
    seen = [part.text_content() for part in page.locator("noscript p").all() if part.is_visible()]
    assert "Training needs JavaScript" in " ".join(seen)
    context.close()


def test_data_that_cannot_be_read_are_asked_for_again_by_the_next_click(live):
    page = live(f"{STRANGE}&epochs=1")
    page.evaluate(
        "() => { window.kept = Data.mnist;"
        " Data.mnist = () => Promise.reject(new Error('no such file')); }"
    )
    page.click("#live-train")
    page.locator("#live-problem", has_text="no such file").wait_for()
    assert page.locator("#live-stop").is_disabled()
    page.evaluate("() => { Data.mnist = window.kept; }")
    train(page)
    assert page.inner_text("#live-problem") == ""
