"""The built site in a real browser: wide and narrow, light and dark, served and from a plain folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
READY = "async () => { await window.MathJax?.startup?.promise; await document.fonts.ready; }"
CHECKS = (Path(__file__).parent / "page_checks.js").read_text(encoding="utf-8")
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}

# What the theme itself says on the console, and why it does no harm.
HARMLESS = (
    # sphinx-thebe, which Jupyter Book always loads and we do not use, writes its settings twice into a page.
    re.compile(r"Identifier 'THEBE_JS_URL' has already been declared"),
)


def toc_files(entry: Any) -> Iterator[str]:
    if isinstance(entry, list):
        for item in entry:
            yield from toc_files(item)
    elif isinstance(entry, dict):
        yield from (entry[key] for key in ("root", "file") if key in entry)
        yield from (
            name for key in ("parts", "chapters", "sections") for name in toc_files(entry.get(key, []))
        )


PAGES = list(toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))
NOTEBOOKS = [page for page in PAGES if page.startswith(("book/chapters/", "lectures/"))]
DECKS = [page for page in PAGES if page.startswith("lectures/")]


@dataclass
class Visit:
    """A browser window that notes what goes wrong, and lets nothing leave the machine."""

    page: Any
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(address, wait_until="load")
        self.page.evaluate(
            "async () => { await window.MathJax?.startup?.promise; await document.fonts.ready; }"
        )

    def check(self) -> dict[str, list[str]]:
        return self.page.evaluate(CHECKS)


def is_local(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"file", "data", "blob", "about"} or parts.hostname == "127.0.0.1"


@pytest.fixture
def visit(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    width, height = WIDTHS[getattr(request, "param", "desktop")]
    with chromium.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    ) as context:
        window = Visit(context.new_page())

        def guard(route: Any) -> None:
            if is_local(route.request.url):
                route.continue_()
            else:
                window.outside.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        window.page.on(
            "console", lambda said: window.errors.append(said.text) if said.type == "error" else None
        )
        window.page.on("pageerror", lambda error: window.errors.append(str(error)))
        yield window


@pytest.mark.parametrize("visit", list(WIDTHS), indirect=True)
@pytest.mark.parametrize("name", [*PAGES, "search", "genindex"])
def test_served_page_is_well_made_in_light_and_dark(visit: Visit, served_site: str, name: str) -> None:
    visit.open(f"{served_site}/{name}.html")
    found = visit.check()
    if name in {"search", "genindex"}:  # no page of ours: a list without pictures or maths
        found["headings"] = []
    assert not any(found.values()), found
    visit.page.emulate_media(color_scheme="dark")
    visit.page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    found = visit.check()
    assert found["contrast"] == []
    assert found["wide"] == []
    assert visit.outside == []
    assert [said for said in visit.errors if not any(form.search(said) for form in HARMLESS)] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_from_a_folder_has_its_styles_and_maths(visit: Visit, built_site: Path, name: str) -> None:
    visit.open((built_site / f"{name}.html").as_uri())
    found = visit.check()
    assert found["maths"] == []
    assert found["alt"] == []
    assert (
        visit.page.evaluate("getComputedStyle(document.querySelector('.bd-sidebar-primary')).position")
        == "sticky"
    )
    assert visit.page.evaluate(
        "[...document.styleSheets].every(sheet => sheet.href === null || sheet.ownerNode.sheet)"
    )
    assert visit.outside == []


def test_pages_with_maths_are_typeset_at_all(visit: Visit, built_site: Path) -> None:
    visit.open((built_site / "book" / "notation.html").as_uri())
    assert visit.page.locator("mjx-container").count() > 20


@pytest.mark.parametrize("place", ["served", "folder"])
def test_search_finds_a_word_and_its_hit_opens(
    visit: Visit, built_site: Path, served_site: str, place: str
) -> None:
    start = served_site if place == "served" else built_site.as_uri()
    visit.open(f"{start}/search.html?q=admissibility")
    hit = visit.page.locator("#search-results li a").first
    hit.wait_for()
    hit.click()
    visit.page.wait_for_load_state()
    assert "admissibility" in visit.page.locator("main").inner_text().lower()
    assert visit.outside == []


def test_search_opens_from_the_keyboard(visit: Visit, served_site: str) -> None:
    visit.open(f"{served_site}/book/index.html")
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("deformation")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/search.html?q=deformation*")
    visit.page.locator("#search-results li a").first.wait_for()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_pages_lead_to_their_notebook_in_colab(visit: Visit, built_site: Path, name: str) -> None:
    visit.open((built_site / f"{name}.html").as_uri())
    links = visit.page.locator("a[href*='colab.research.google.com']").evaluate_all(
        "nodes => nodes.map(n => n.href)"
    )
    form = re.compile(r"https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/main/(.+\.ipynb)")
    assert len(links) == 1
    path = form.fullmatch(links[0])
    assert path
    assert path[1] == f"{name}.ipynb"
    assert (ROOT / path[1]).is_file()


FOCUS = """() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  return {menu: !!node.closest(".bd-sidebar-primary nav"), toggle: node.matches(".primary-toggle"),
          seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0,
          name: node.outerHTML.slice(0, 120)};
}"""


def tabs(visit: Visit, wanted: str, most: int = 40) -> list[dict[str, Any]]:
    """Press Tab until what has the focus is `wanted`."""
    stops = []
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        stops.append(visit.page.evaluate(FOCUS))
        if stops[-1][wanted]:
            return stops
    raise AssertionError(f"{most} tabs do not reach the {wanted}: {[stop['name'] for stop in stops]}")


def test_keyboard_reaches_the_menu_and_always_shows_where_it_is(visit: Visit, served_site: str) -> None:
    visit.open(f"{served_site}/book/index.html")
    stops = tabs(visit, "menu")
    assert "Skip to main content" in stops[0]["name"]
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(lambda address: not address.endswith("/book/index.html"))


@pytest.mark.parametrize("visit", ["phone"], indirect=True)
def test_keyboard_opens_the_menu_on_a_phone(visit: Visit, served_site: str) -> None:
    visit.open(f"{served_site}/book/index.html")
    stops = tabs(visit, "toggle")
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    visit.page.keyboard.press("Enter")
    visit.page.locator("dialog[open] nav a, .bd-sidebar-primary nav a").first.wait_for(state="visible")


@pytest.mark.parametrize("name", DECKS)
def test_slides_work_from_a_folder_by_keyboard(visit: Visit, built_site: Path, name: str) -> None:
    deck = built_site / "lectures" / "slides" / f"{Path(name).name}.html"
    visit.open(deck.as_uri())
    visit.page.locator("body.ready").wait_for(state="attached")
    number = visit.page.evaluate("Reveal.getTotalSlides()")
    assert number > 1
    for index in range(number):
        found = visit.check()
        assert [found["alt"], found["maths"], found["contrast"], found["wide"]] == [[], [], [], []], index
        assert visit.page.evaluate(TOO_TALL) == [], f"slide {index + 1} does not fit"
        while visit.page.evaluate("Reveal.getIndices().h") == index and not visit.page.evaluate(
            "Reveal.isLastSlide()"
        ):
            visit.page.keyboard.press("ArrowRight")
    assert visit.page.evaluate("Reveal.isLastSlide()")
    assert visit.page.locator("mjx-merror").count() == 0
    assert visit.outside == []
    assert visit.errors == []


TOO_TALL = """() => {
  const slide = Reveal.getCurrentSlide(), bottom = slide.parentElement.getBoundingClientRect().bottom + 1;
  const tall = [...slide.children].filter(part => part.getBoundingClientRect().bottom > bottom);
  return tall.map(part => part.outerHTML.slice(0, 80));
}"""

SOUND = "<body style='background:#fff;color:#222'><main><h1>One</h1><h2>Two</h2>{}</main></body>"
SABOTAGES = {
    "alt": "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=' alt='../_images/1f.png'>",
    "headings": "<h4>Four after two</h4>",
    "wide": "<div style='width:5000px;height:9px'>wide</div>",
    "maths": "<span class=math>\\(x\\)</span>",
    "contrast": "<p style='color:#999'>pale</p>",
    "links": "<a href='#top' style='display:inline-block;width:20px;height:20px'></a>",
}


@pytest.mark.parametrize("kind", [None, *SABOTAGES])
def test_each_check_sees_its_sabotage_and_nothing_else(
    visit: Visit, tmp_path: Path, kind: str | None
) -> None:
    page = tmp_path / "page.html"
    page.write_text(SOUND.format(SABOTAGES[kind] if kind else "<p>Sound.</p>"), encoding="utf-8")
    visit.open(page.as_uri())
    assert {found for found, lines in visit.check().items() if lines} == ({kind} if kind else set())


def test_a_part_from_the_network_is_seen(visit: Visit, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<script src='https://cdn.example.org/part.js'></script>", encoding="utf-8")
    visit.open(page.as_uri())
    assert visit.outside == ["https://cdn.example.org/part.js"]
    assert visit.errors != []
