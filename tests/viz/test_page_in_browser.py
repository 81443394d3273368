"""The HTML page in a headless Chromium; skipped where there is none."""

import re
import shutil

import pytest

from dlldecode.viz.page import page
from dlldecode.viz.scene import Mark, marks, scenes
from dlldecode.viz.spell import spelled

from .hostile import CANVAS, SCRIPT, SPELLING, STEPS, hostile, stepped

api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install 'dlldecode[browser]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium on the path")
LAST = len(STEPS)


@pytest.fixture(scope="module")
def browser():
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def shown(browser, tmp_path):
    """Opens recordings as a page; afterwards nothing was complained about, fetched or opened."""
    opened, complaints, requests = [], [], []

    def show(*recordings, **wanted):
        path = tmp_path / "page.html"
        path.write_text(page(recordings), "utf-8")
        tab = browser.new_page(**{"viewport": {"width": 1400, "height": 1200}, **wanted})
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri())
        opened.append(tab)
        return tab

    yield show
    for tab in opened:
        tab.close()
    assert complaints == []
    assert len(requests) == len(opened)


def step_of(tab):
    return int(tab.locator("#scrub").input_value())


def token(tab, at, panel=0):
    return tab.locator(".panel").nth(panel).locator(f".token[data-at='{at}']")


def test_every_step_shows_the_marks_and_texts_of_its_scene(shown):
    recording = hostile()
    tab = shown(recording)
    for scene in scenes(recording.header, recording.bytes, recording.steps):
        found = tab.eval_on_selector_all(
            ".text .token", "all => all.map(each => [each.classList[1], each.textContent, each.hidden])"
        )
        assert [mark for mark, _, _ in found] == [mark.name.lower() for mark in marks(scene)]
        texts = spelled(scene.cells, recording.bytes)
        shows = [at for at in range(CANVAS) if at != scene.end and at not in scene.revoked]
        assert [found[at][1] for at in shows] == [texts[at] for at in shows]
        assert [hidden for _, _, hidden in found] == [at > scene.end for at in range(CANVAS)]
        tab.keyboard.press("ArrowRight")


def test_the_hostile_recording_shows_every_mark():
    recording = hostile()
    seen = {mark for scene in scenes(recording.header, recording.bytes, recording.steps) for mark in marks(scene)}
    assert seen == set(Mark)


def test_hostile_text_shows_as_text(shown):
    tab = shown(hostile())
    tab.keyboard.press("End")
    assert token(tab, 4).text_content() == SPELLING[SCRIPT].decode()
    assert token(tab, 5).text_content() == "\\u202eevil"
    assert token(tab, 6).text_content() == "\\x1b[31m"
    assert token(tab, 7).text_content() == "\\u2028"
    assert tab.locator("img, .text script, main b, main i").count() == 0
    assert tab.locator("h2").first.text_content() == "<i>dico"


def test_halves_of_characters_and_lines_of_code(shown):
    tab = shown(hostile())
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert token(tab, 2).text_content() == "·"
    tab.keyboard.press("ArrowRight")
    assert (token(tab, 2).text_content(), token(tab, 3).text_content()) == ("·", "é")
    assert tab.locator(".text").inner_text().startswith("def f(x):\n    return x\n")


def test_the_rest_is_folded_after_the_end(shown):
    tab = shown(hostile())
    tab.keyboard.press("End")
    assert token(tab, 12).text_content() == "<end +3>"
    assert not token(tab, 13).is_visible()
    assert tab.locator(".facts").inner_text().split("\n")[1] == f"{LAST}/{LAST}"


def test_keys(shown):
    tab = shown(hostile())
    for key, wanted in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", LAST), ("Home", 0), ("r", 3)]:
        tab.keyboard.press(key)
        assert step_of(tab) == wanted
    assert token(tab, 4).evaluate("each => getComputedStyle(each).textDecorationLine") == "line-through"
    assert token(tab, 4).text_content() == SPELLING[SCRIPT].decode()


def test_buttons_scrubbing_and_clicks_on_the_pictures(shown):
    tab = shown(hostile())
    for button, wanted in [("next", 1), ("last", LAST), ("back", LAST - 1), ("first", 0), ("revocation", 3)]:
        tab.click(f"#{button}")
        assert step_of(tab) == wanted
    tab.locator("#scrub").fill("5")
    assert tab.locator("#count").text_content() == f"step 5/{LAST}"
    width = tab.locator(".pace canvas").bounding_box()["width"]
    tab.locator(".pace canvas").click(position={"x": width * 1.5 / LAST, "y": 20})
    assert step_of(tab) == 2
    tab.locator(".map canvas").click(position={"x": 20, "y": 2})
    assert step_of(tab) == 1


def test_playing_ends_at_the_last_step_and_begins_anew(shown):
    tab = shown(hostile())
    tab.select_option("#speed", "32")
    tab.locator("#speed").blur()
    tab.keyboard.press(" ")
    assert tab.locator("#play").text_content() == "Pause"
    api.expect(tab.locator("#play")).to_have_text("Play")
    assert step_of(tab) == LAST
    tab.select_option("#speed", "1")
    tab.click("#play")
    assert step_of(tab) == 0
    tab.keyboard.press(" ")
    assert tab.locator("#play").text_content() == "Play"


def test_a_token_tells_about_itself(shown):
    tab = shown(hostile())
    tab.keyboard.press("End")
    token(tab, 5).hover()
    told = tab.locator("#detail")
    assert told.text_content() == (
        r'"\u202eevil" · id 5 · bytes e2 80 ae 65 76 69 6c · position 5 · confidence 0.5'
        " · written in step 5 · kind seed · below the threshold"
    )
    token(tab, 0).focus()
    assert "id 9" in told.text_content()
    tab.keyboard.press("ArrowDown")
    assert "id 10" in told.text_content()
    tab.keyboard.press("Home")
    assert told.text_content() == "position 1 · masked, its region being filled (A)"
    tab.locator(".prompt .token").nth(1).hover()
    assert told.text_content().endswith("· prompt")


def test_two_recordings_on_one_timeline(shown):
    tab = shown(hostile(), hostile(STEPS[:3], status=""))
    tab.keyboard.press("End")
    steps = [each.inner_text().split("\n")[1] for each in tab.locator(".facts").all()]
    assert steps == [f"{LAST}/{LAST}", "3/3"]
    assert "cut" in tab.locator("header").nth(1).text_content()
    assert tab.locator(".prompt").count() == 1


def test_a_recording_without_steps_and_a_page_without_recordings(shown):
    tab = shown(hostile(()))
    tab.keyboard.press("End")
    assert token(tab, 0).get_attribute("class").split()[1] == "open"
    shown()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_moves_and_nothing_sticks_out(shown, scheme, width):
    tab = shown(hostile(), hostile(STEPS[:3]), viewport={"width": width, "height": 900}, color_scheme=scheme)
    boxes = []
    for _ in range(LAST + 1):
        boxes.append([each.bounding_box() for each in tab.locator("canvas, .facts, .text, #scrub, #detail").all()])
        tab.keyboard.press("ArrowRight")
    assert all(each == boxes[0] for each in boxes)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", paper)[0]) > 128) == (scheme == "light")


def test_masks_of_a_cluster_say_so(shown):
    steps = [*STEPS[:2], stepped(2, [(2, SCRIPT, 0.99)], clusters=[(2, 4)], anchors=[1], regions=[(2, 3), (5, 5)])]
    tab = shown(hostile(steps))
    tab.keyboard.press("End")
    assert token(tab, 3).get_attribute("class") == "token open tint0 clustered"
    token(tab, 3).focus()
    assert tab.locator("#detail").text_content().endswith("its region being filled (A), inside a local cluster")
