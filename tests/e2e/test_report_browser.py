"""The HTML report in Debian's Chromium: it shows, filters, sorts and opens; nothing of the feed runs; it is quick."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from etl.compare.model import (
    MARKS,
    PLAN_ACTIONS,
    Diff,
    FieldChange,
    Finding,
    Nearest,
    RecordChange,
    Reference,
    Unmapped,
)
from etl.compare.select import Selection, select
from etl.demo.show import save_sample
from etl.model.panel import Panel
from etl.model.results import Side
from etl.report.html import to_html
from tests.e2e.conftest import Run
from tests.support.plans import plan
from tests.support.versions import IN_CI

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update"]  # fmt: skip
SCRIPT = "<script>alert(1)</script>"
ENDING = '</script><img src=x onerror="alert(2)">'
FLOORS = [Reference(number, f"{number}F") for number in range(1, 9)]
CATEGORIES = [Reference(number, name) for number, name in enumerate(("FASHION", "BEAUTY", "RESTAURANT"))]
TEXT = "A quiet place with lamps, maps, linen and tea for the house, open every day of the year. " * 5


def change(number: int) -> RecordChange:
    """Return an updated shop or dining with a changed title, and a changed description in two languages."""
    title = f"Shop {number}"
    return RecordChange(
        "updated", f"T{number:04}", f"T{number:04}", "dinings" if number % 4 == 0 else "shops", number, title,
        ("conflict", "updated") if number % 100 == 0 else ("updated",),
        fields=(
            FieldChange("title_en", "source", f"{title} Old", f"{title} New", f"{title} Old", f"{title} New"),
            FieldChange("description_en", "source", TEXT, TEXT.replace("maps", f"maps {number}")),
            FieldChange("description_th", "source", "ร้านเสื้อผ้าผู้หญิง" * 20, "ร้านเสื้อผ้าผู้ชาย" * 20),
        ),
        floor=FLOORS[number % 8],
        category=CATEGORIES[number % 3],
    )  # fmt: skip


EVIL = plan(
    RecordChange("updated", "T1", "T1", "shops", 1, SCRIPT, ("updated",), message=SCRIPT, fields=(
        FieldChange("title_en", "source", ENDING, SCRIPT, ENDING, SCRIPT),
        FieldChange("zone", "source", "East\u202egnp.exe", "East\u200b\x1b[31m"),
    ), floor=Reference(1, SCRIPT), category=Reference(2, ENDING)),
    RecordChange("created", "T2", "T2", "dinings", None, "B\u0e17" + "\u0301" * 60, ("created",), floor=FLOORS[1]),
    source=Side("snapshot", ENDING, 2),
    notes=(SCRIPT,),
    issues=(Finding("T1", "warning", "unmapped_floor", "floor_id", SCRIPT, ENDING),),
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium. Without it the tests are skipped, and in CI they fail."""
    path = shutil.which("chromium")
    if path is None:
        problem = "the report's tests need Debian's Chromium: apt-get install chromium"
        pytest.fail(problem) if IN_CI else pytest.skip(problem)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


Show = Callable[..., Page]


@pytest.fixture
def told() -> list[str]:
    """Return what a page said, fetched or asked that it should not; a test that provokes it takes it out."""
    return []


@pytest.fixture
def show(browser: Browser, tmp_path: Path, told: list[str]) -> Iterator[Show]:
    """Return a function that opens a diff's report; at the end nothing was fetched, no error said, no dialog shown."""
    contexts = []

    def run(diff: Diff, selection: Selection | None = None, **context: Any) -> Page:
        path = tmp_path / "report.html"
        path.write_text(to_html(select(diff, selection or Selection())), encoding="utf-8")
        made = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **context})
        contexts.append(made)
        page = made.new_page()
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("request", lambda request: None if request.url == path.as_uri() else told.append(request.url))
        page.goto(path.as_uri())
        return page

    yield run
    for context in contexts:
        context.close()
    assert told == []


def ids(page: Page) -> list[str]:
    """Return the ids of the rows that are listed."""
    return page.locator("tr.record .id").all_inner_texts()


def three() -> Diff:
    """Return a plan with a new dining, a shop in conflict and a rejected record."""
    return plan(
        RecordChange("created", "T1", "T1", "dinings", None, "Éclair", ("created", "unmapped"),
                     fields=(FieldChange("zone", "created", after="River"),), floor=FLOORS[1]),
        RecordChange("updated", "T2", "T2", "shops", 7, "Brand", ("conflict", "updated"), fields=(
            FieldChange("title_en", "conflict", "Brand Café", "Brand Bar", "Brand", "Brand Bar", "source"),
            FieldChange("phone", "source", "02 555 0140", "02 555 0199", "02 555 0140", "02 555 0199")),
            floor=Reference(10, "10F")),
        RecordChange("rejected", None, None, None, tags=("rejected",), message="It has no uniqueId."),
    )  # fmt: skip


def test_it_shows_totals_charts_and_records(show: Show) -> None:
    """Totals, bars with their words, and a row for each record, all without a click."""
    page = show(three())

    assert page.title() == "What a sync would change · snapshots/today"
    assert page.locator(".tile.created .count").inner_text() == "1"
    assert page.locator(".chart").first.inner_text().split() == [
        "Changes", "by", "floor", "Floor", "Records", "Total", "10F", "1", "updated", "1", "2F", "1", "created", "1",
    ]  # fmt: skip
    assert page.locator("#shown").inner_text() == "3 records"
    assert ids(page) == ["T1", "T2", "(no id)"]
    assert page.locator("tr.record").nth(1).locator("td").all_inner_texts() == [
        "updated\nconflict", "Brand\nT2", "shops 7", "10F", "", "title_en, phone",
    ]  # fmt: skip
    assert page.locator("tr.record").nth(2).locator("td").last.inner_text() == "It has no uniqueId."


@pytest.mark.long
def test_a_record_opens_into_its_fields(show: Show) -> None:
    """A click or Enter opens a record: before and after with the changed words marked, a conflict with its sides."""
    page = show(three())
    toggle = page.get_by_role("button", name="Brand")
    assert toggle.get_attribute("aria-expanded") == "false"

    toggle.press("Enter")

    assert toggle.get_attribute("aria-expanded") == "true"
    detail = page.locator("#" + (toggle.get_attribute("aria-controls") or ""))
    conflict, phone = detail.locator(".field").all()
    assert [" ".join(text.split()) for text in conflict.locator(".side").all_inner_texts()] == [
        "last sync Brand",
        "editor Brand Café",
        "source ← is written Brand Bar",
    ]
    assert conflict.locator("ins").all_inner_texts() == [" Café", " Bar"]
    assert phone.locator("del, ins").all_inner_texts() == ["0140", "0199"]
    lines = [
        element.evaluate("e => getComputedStyle(e).textDecorationLine")
        for element in phone.locator("del, ins").all()
    ]
    assert lines == ["line-through", "underline"], "told apart without colour too"

    page.locator("tr.record").nth(1).click()
    assert detail.count() == 0


def test_a_row_leads_to_its_document(show: Show) -> None:
    """Where the panel is known, table and number are a link; it opens no fields, and a new record has none."""
    page = show(replace(three(), panel=Panel("https://cms.example.com/admin")))
    links = page.locator("td.table a")
    assert [(link.inner_text(), link.get_attribute("href")) for link in links.all()] == [
        ("shops 7", "https://cms.example.com/admin/collections/shops/7")
    ]
    assert links.first.get_attribute("rel") == "noopener noreferrer"
    links.first.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    links.first.click()
    assert page.locator("tr.detail").count() == 0
    assert show(three()).locator("td.table a").count() == 0


def test_it_filters_by_tag_table_and_text(show: Show) -> None:
    """Tags add up, table and words narrow; words are found in names, values and remarks, whatever their case."""
    page = show(three())
    page.get_by_role("button", name="conflict 1").click()
    assert ids(page) == ["T2"]
    assert page.get_by_role("button", name="conflict 1").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="created 1").click()
    assert ids(page) == ["T1", "T2"]
    assert page.locator("#shown").inner_text() == "2 of 3 records"
    page.get_by_label("Table").select_option("dinings")
    assert ids(page) == ["T1"]
    page.get_by_label("Table").select_option("")
    page.get_by_role("button", name="conflict 1").click()
    page.get_by_role("button", name="created 1").click()

    for words, expected in (
        ("é", ["T1", "T2"]),
        ("e\u0301CLAIR", ["T1"]),
        ("0199 brand", ["T2"]),
        ("uniqueid", ["(no id)"]),
        ("2f", ["T1"]),
        ("nowhere", []),
    ):
        page.get_by_label("Search in records").fill(words)
        assert ids(page) == expected
    assert page.locator("#shown").inner_text() == "No record fits. Take a filter away, or search for less."


@pytest.mark.long
def test_it_sorts_by_click_and_key(show: Show) -> None:
    """A heading sorts up, then down, and says so; 2F comes before 10F; records without a value come last."""
    page = show(three())
    floor = page.get_by_role("columnheader", name="Floor", exact=True).last
    floor.get_by_role("button").click()
    assert (ids(page), floor.get_attribute("aria-sort")) == (["T1", "T2", "(no id)"], "ascending")
    floor.get_by_role("button").press("Space")
    assert (ids(page), floor.get_attribute("aria-sort")) == (["T2", "T1", "(no id)"], "descending")

    page.get_by_role("columnheader", name="Record").get_by_role("button").click()
    assert ids(page) == ["T2", "T1", "(no id)"]
    assert floor.get_attribute("aria-sort") == "none"
    page.get_by_role("columnheader", name="Fields").get_by_role("button").click()
    assert ids(page) == ["(no id)", "T1", "T2"]
    page.get_by_role("columnheader", name="Change").get_by_role("button").click()
    assert ids(page) == ["T1", "T2", "(no id)"]
    page.get_by_role("columnheader", name="Table").get_by_role("button").click()
    assert ids(page) == ["T1", "T2", "(no id)"]


@pytest.mark.long
def test_slash_goes_to_the_search_and_all_records_open_at_once(show: Show) -> None:
    """For the keyboard: `/` is the search. One button opens and closes every record."""
    page = show(three())
    page.keyboard.press("/")
    page.keyboard.type("brand/")
    assert page.get_by_label("Search in records").input_value() == "brand/"
    page.get_by_label("Search in records").fill("")
    page.get_by_role("button", name="Open all").click()
    assert page.locator("tr.detail").count() == 3
    page.get_by_role("button", name="Close all").click()
    assert page.locator("tr.detail").count() == 0


@pytest.mark.long
def test_nothing_of_the_feed_runs(show: Show) -> None:
    """A tenant named <script> stays text wherever it is shown; marks of direction and controls are visible escapes."""
    page = show(EVIL)
    page.get_by_role("button", name="Open all").click()
    page.locator("summary").click()
    page.wait_for_timeout(50)  # a picture that can't be loaded would have said so by now

    assert page.locator(".toggle").first.inner_text() == SCRIPT
    assert page.locator(".note").inner_text() == f"Note {SCRIPT}"
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    sides = page.locator(".detail").first.locator(".side p").all_inner_texts()
    assert sides == [ENDING, SCRIPT, "East\\u202egnp.exe", "East\\u200b\\x1b[31m"]
    assert page.locator(".cards td").all_inner_texts() == ["T1", SCRIPT, ENDING]


@pytest.mark.long
def test_its_policy_lets_nothing_in(show: Show, told: list[str]) -> None:
    """What something else might add to the page does not get through: a script, a picture, a call, HTML of a text."""
    page = show(three())
    policy = page.locator("meta[http-equiv]").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy

    failures: list[str | None] = []
    page.on("requestfailed", lambda request: failures.append(request.failure))
    page.evaluate(
        """async () => {
            window.ran = [];
            const script = document.createElement("script");
            try { script.textContent = "window.ran.push('script')"; } catch { }
            document.body.append(script);
            const picture = document.createElement("img");
            picture.src = "http://127.0.0.1:9/x.png";
            document.body.append(picture);
            await fetch("http://127.0.0.1:9/x").then(() => window.ran.push("call")).catch(() => {});
            try { document.body.innerHTML = "<b>x</b>"; window.ran.push("html"); } catch { }
        }"""
    )

    assert page.evaluate("window.ran") == []
    assert failures == ["csp"], "the picture; the call is refused before it is a request"
    assert [line for line in told if not line.startswith("error: ")] == ["http://127.0.0.1:9/x.png"]
    told.clear()


@pytest.mark.long
@pytest.mark.parametrize("width", [360, 390, 768])
def test_a_narrow_screen_does_not_scroll_sideways(show: Show, width: int) -> None:
    """On a phone nothing is wider than the screen, whatever the feed holds, also where records are open."""
    long = "x" * 300
    wide = replace(
        change(1), title=long, unique_id=long, floor=Reference(1, long), category=Reference(2, long)
    )
    found = replace(
        plan(wide, *three().records, *EVIL.records),
        issues=(Finding(long, "warning", "unmapped_floor", None, long, long),),
        notes=(long,),
    )
    page = show(found, viewport={"width": width, "height": 700})
    page.get_by_role("button", name="Open all").click()
    page.locator("summary").click()

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_light_and_dark_can_both_be_read(show: Show, scheme: str, is_dark: bool) -> None:
    """The page follows the reader's scheme; every text has a contrast of 4.5 against what is behind it (AA)."""
    unmapped = Unmapped("floor", "Roof", 2, "T1", (Nearest(1, "1F", 0.5),))
    records = [
        RecordChange(action, f"T{place}", None, "shops", tags=(action, *MARKS, "unmapped"), floor=FLOORS[0])
        for place, action in enumerate(PLAN_ACTIONS)
    ]
    findings = (Finding("T1", "warning", "code", None, "M", "v"),)
    panel = Panel("https://cms.example.com/admin")
    found = plan(*three().records, *records, issues=findings, unmapped=(unmapped,), panel=panel)
    page = show(found, color_scheme=scheme)
    page.get_by_role("button", name="Open all").click()
    page.locator("summary").click()

    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in background[4:-1].split(",")) < 3 * 64) == is_dark
    assert page.evaluate(CONTRASTS) == []


CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parse(colour).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parse(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const low = new Set();
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("script")) continue;
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    if ((one + .05) / (other + .05) < 4.5) low.add(`${element.tagName}.${element.className}: ${element.textContent}`);
  }
  return [...low];
}"""


@pytest.mark.long
def test_bars_differ_from_what_is_behind_them(show: Show) -> None:
    """Each colour of a bar has a contrast of 3 against the card, in both schemes."""
    records = [
        RecordChange(action, "T", None, "shops", tags=(action,), floor=FLOORS[0])
        for action in ("created", "updated", "inactivated", "missing")
    ]
    for scheme in ("light", "dark"):
        page = show(plan(*records), color_scheme=scheme)
        page.evaluate(
            """() => document.querySelectorAll(".chart rect").forEach((bar) => {
                const text = document.createElement("p");
                text.textContent = "bar";
                text.className = bar.getAttribute("class");
                document.querySelector(".chart caption").append(text);
                text.attributeStyleMap.set("color", getComputedStyle(bar).fill);
            })"""
        )
        assert page.locator(".chart caption p").count() == 8
        assert page.evaluate(CONTRASTS.replace("4.5", "3")) == []


def test_without_javascript_the_page_says_so(show: Show) -> None:
    """Totals and charts are there; a note tells that the list of records needs the script."""
    page = show(three(), java_script_enabled=False)
    assert page.locator(".tile.updated .count").inner_text() == "1"
    assert page.locator(".chart").count() == 2
    assert "The list of records needs JavaScript" in page.locator("main").inner_text()
    assert not page.locator("#records").is_visible()


@pytest.mark.long
def test_paper_gets_every_record(show: Show) -> None:
    """Printing lists all records that the filters leave, and no buttons; PDF is made of it."""
    page = show(plan(*(change(number) for number in range(250))), color_scheme="dark")
    assert page.locator("tr.record").count() == 100
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("tr.record").count() == 250
    assert not page.locator(".tools").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.long
def test_long_texts_are_shortened_until_asked_for(show: Show) -> None:
    """Of a long text the places around its changes are shown; a button gives the rest."""
    before = "start " + "word " * 400 + "old " + "word " * 400 + "end"
    record = replace(
        change(1), fields=(FieldChange("description_en", "source", before, before.replace("old", "new")),)
    )
    page = show(plan(record))
    page.get_by_role("button", name="Open all").click()
    side = page.locator(".side p").last
    assert side.inner_text().startswith("… 1,88")
    assert len(side.inner_text()) < 400
    for button in side.get_by_role("button").all()[::-1]:
        button.click()
    assert side.inner_text() == before.replace("old", "new")


def built_s(found: Diff) -> float:
    """Return the seconds of CPU that building the page takes."""
    started = time.process_time()
    to_html(select(found, Selection()))
    return time.process_time() - started


@pytest.mark.long
def test_two_thousand_rows_are_quick(show: Show) -> None:
    """2,000 changed rows: built in time that grows with the rows, there in 1.5 s, filtered and sorted in 0.2 s.

    Measured at 1.2 s to build, 0.4, and 0.02 to 0.1 on two busy cores. Building is held against a tenth of the rows in the
    same run: seconds under coverage are not a measure. The browser's limits leave room, and each act is tried three times.
    """
    found = plan(*(change(number) for number in range(2000)))
    few = plan(*(change(number) for number in range(200)))
    assert built_s(found) < 15 * min(built_s(few) for _ in range(3))

    page = show(found)
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert ready < 3000
    assert page.locator("tr.record").count() == 100
    assert page.locator("#shown").inner_text() == "2,000 records, the first 100 listed"
    page.get_by_role("button", name="Show 100 more").click()
    assert page.locator("tr.record").count() == 200

    for act in (
        "const box = document.getElementById('search'); box.value = 'maps 17'; box.dispatchEvent(new Event('input'))",
        "document.querySelector('[data-sort=floor]').click()",
        "document.querySelector('#tags button').click()",
        "document.getElementById('open').click()",
    ):
        laid_out = f"const start = performance.now(); {act}; document.body.offsetHeight"
        measure = f"() => {{ {laid_out}; return performance.now() - start; }}"
        assert min(page.evaluate(measure) for _ in range(3)) < 600, act
    assert page.locator("#shown").inner_text().startswith("139 of 2,000 records, the first 100")


@pytest.mark.long
def test_the_command_writes_it(etl: Run, browser: Browser, tmp_path: Path) -> None:
    """`etl diff --format html -o FILE` of two days of the sample, with no settings; it says nothing, and it opens."""
    old, new = (save_sample(tmp_path / f"day{day}", day, 120).path for day in (1, 2))
    path = tmp_path / "diff.html"

    done = etl("diff", new, "--against", old, "--format", "html", "-o", str(path))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == "What changed between two snapshots"
    page.get_by_label("Search in records").fill("T100012")
    page.get_by_role("button", name="Fernhollow").click()
    assert page.locator(".detail ins").first.inner_text() == ", and now for the garden"
    page.close()
