"""A page in a browser: Debian's Chromium, one for all tests here."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import clicksession as cs
from tests.reporting.targets import HOSTILE, hostile

OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser that shows a page whose every text is hostile."""
    pytest.importorskip("selenium", reason='needs selenium: pip install "clicksession[test]"')
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: apt-get install {package}")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    home = tmp_path_factory.mktemp("browser")
    engine = sa.create_engine(f"duckdb:///{home / 'hostile.duckdb'}")
    hostile(engine)
    made = cs.report(engine, home / "page.html", title=HOSTILE)
    (home / "notebook.html").write_text(f"<!doctype html>{made._repr_html_()}", encoding="utf-8")
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for option in (*OPTIONS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = ChromeService(shutil.which("chromedriver"))
    driver = Chrome(options=options, service=service)
    driver.home = home  # type: ignore[attr-defined]
    yield driver
    driver.quit()


@pytest.fixture
def shown(browser: Any) -> Any:
    """The browser with the page anew, wide and light."""
    _look(browser, width=1100)
    for log in ("browser", "performance"):
        browser.get_log(log)  # Of what was shown before, such as the empty page of a new browser.
    browser.get((browser.home / "page.html").as_uri())
    return browser


def _look(browser: Any, *, width: int, scheme: str = "light", medium: str = "") -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    media = {"media": medium, "features": features}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def _colour(browser: Any, selector: str, of: str) -> str:
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    return str(browser.execute_script(script, selector, of))


def _overflow(browser: Any) -> int:
    script = "const all = document.documentElement; return all.scrollWidth - all.clientWidth"
    return int(browser.execute_script(script))


def test_it_asks_for_nothing_and_complains_of_nothing(shown: Any) -> None:
    assert shown.execute_script("return performance.getEntriesByType('resource').length") == 0
    sent = [each["message"] for each in shown.get_log("performance")]
    asked = [each for each in sent if '"Network.requestWillBeSent"' in each]
    assert all('"url":"file:///' in each or '"url":"data:,' in each for each in asked)
    assert asked
    assert shown.get_log("browser") == []


def test_hostile_texts_show_as_they_are(shown: Any) -> None:
    assert shown.execute_script("return window.hostile === undefined")
    heading = shown.execute_script("return document.querySelector('h1').textContent")
    assert heading == HOSTILE
    names = shown.execute_script(
        "return [...document.querySelectorAll('#types .name')].map(e => e.firstChild.textContent)"
    )
    assert HOSTILE in names
    # Were there a way in, the policy of the page would still run no script.
    shown.execute_script(
        "const one = document.createElement('div'); document.body.append(one);"
        "one.innerHTML = '<img src=x onerror=\"window.hostile = 1\">'"
    )
    shown.execute_async_script("setTimeout(arguments[0], 100)")
    assert shown.execute_script("return window.hostile === undefined")
    assert "Content Security Policy" in str(shown.get_log("browser"))


@pytest.mark.parametrize("width", [320, 700, 1400])
def test_nothing_is_wider_than_the_window(shown: Any, width: int) -> None:
    _look(shown, width=width)
    assert _overflow(shown) == 0
    shown.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert _overflow(shown) == 0
    out = shown.execute_script(
        "return [...document.querySelectorAll('svg.chart text')].filter(text => {"
        "  const [own, all] = [text, text.closest('article')].map(e => e.getBoundingClientRect());"
        "  return own.width && (own.left < all.left - 1 || own.right > all.right + 1)"
        "}).map(text => text.textContent)"
    )
    assert out == []


def test_dark_is_dark(shown: Any) -> None:
    light = {of: _colour(shown, *of) for of in _SEEN}
    _look(shown, width=1100, scheme="dark")
    dark = {of: _colour(shown, *of) for of in _SEEN}
    assert all(light[of] != dark[of] for of in _SEEN)


_SEEN = (("html", "backgroundColor"), ("h1", "color"), (".chart .bar", "fill"), ("a", "color"))


def test_what_is_folded_opens_by_keyboard_and_is_seen_to_have_the_focus(shown: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    summary = shown.find_element("css selector", "#counts details summary")
    code = shown.find_element("css selector", "#counts details pre")
    assert not code.is_displayed()
    before = shown.find_element("css selector", "nav li:last-child a")
    shown.execute_script("arguments[0].focus()", before)
    before.send_keys(Keys.TAB)
    active = shown.switch_to.active_element
    assert active == summary
    assert _colour(shown, "#counts details summary", "outlineStyle") == "solid"
    active.send_keys(Keys.ENTER)
    assert code.is_displayed()
    assert "SELECT" in code.text


def test_on_paper_nothing_is_folded(shown: Any) -> None:
    is_seen = "return document.querySelector('#counts details pre').checkVisibility()"
    assert shown.execute_script(is_seen) is False
    _look(shown, width=700, scheme="dark", medium="print")
    assert shown.execute_script(is_seen) is True
    assert _colour(shown, "html", "backgroundColor") == "rgb(255, 255, 255)"
    assert _overflow(shown) == 0


def test_in_a_notebook_links_stay_in_the_page(browser: Any) -> None:
    browser.get((browser.home / "notebook.html").as_uri())
    browser.switch_to.frame(browser.find_element("css selector", "iframe"))
    browser.find_element("css selector", "nav li:last-child a").click()
    assert browser.find_element("css selector", "h1").text == HOSTILE
    assert browser.execute_script("return window.scrollY") > 0


def test_it_prints(shown: Any, tmp_path: Path) -> None:
    printed = shown.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert printed["data"].startswith("JVBERi")  # %PDF
