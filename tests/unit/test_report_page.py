"""Whatever a text of rich is made of, nothing in it is obeyed: no escapes of a terminal, no markup, no names of emoji."""

import io
from pathlib import Path

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table

from etl.report.page import Console, Text

EVIL = "[red]x[/] :smile: \x1b]52;c;eA==\x07\x9b2J\u202e\r"
SHOWN = "[red]x[/] :smile: \\x1b]52;c;eA==\\x07\\x9b2J\\u202e\\x0d"
PACKAGE = Path(__file__).parents[2] / "etl"


def printed(renderable: RenderableType) -> str:
    """Return what a terminal of 120 columns without colours gets."""
    page = io.StringIO()
    console = Console(file=page, width=120, force_terminal=True, color_system=None, _environ={})
    console.print(renderable)
    return page.getvalue()


def test_texts_and_cells() -> None:
    """Made, assembled, appended, or a bare string in a cell, a heading or a rule."""
    table = Table(title=EVIL, box=None)
    table.add_column(EVIL)
    table.add_row(EVIL)
    texts = [Text(EVIL), Text.assemble("a ", (EVIL, "bold")), Text("a ").append(EVIL).append_text(Text(EVIL))]
    page = printed(Group(table, Rule(EVIL, align="left"), *texts, EVIL))
    assert page.count(SHOWN) == 3 + 1 + 4 + 1
    assert set(page).isdisjoint("\x1b\x9b\x07\u202e\r")


def test_a_text_fits_its_column() -> None:
    """Its width is that of what is shown."""
    table = Table.grid(padding=(0, 1))
    table.add_row(Text("\x1b"), Text("a"))
    table.add_row(Text("long"), Text("b"))
    assert printed(table).splitlines() == ["\\x1b a", "long b"]


def test_no_other_text_is_made() -> None:
    """No module makes texts or consoles of rich's own, but that of the bars, which shows figures of the job alone."""
    own = {"report/page.py", "report/terminal.py"}
    modules = {
        str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")
    }
    assert {
        name for name, code in modules.items() if "rich.text" in code or "from rich import" in code
    } <= own
    made = {
        name for name, code in modules.items() if "import Console" in code and "rich.console import" in code
    }
    assert {name for name in made if "etl.report.page import Console" not in modules[name]} <= {
        "report/terminal.py",  # a type of an argument
        "report/layout.py",  # a type of an argument
    }
