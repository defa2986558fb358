"""What an extraction made of each source, as text."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from etl.contract.source_names import label_of
from etl.extract.feeds import Absent, Feeds
from etl.report.text import show_extracted


def show_feeds(feeds: Feeds) -> RenderableType:
    """Return what an extraction made of each source."""
    if feeds.is_plain:
        return show_extracted(feeds.present[0].extracted)
    parts: list[RenderableType] = []
    for source in feeds.sources:
        parts.append(Text(label_of(source.name), style="bold"))
        told = (
            Text.assemble(("failed: ", "red"), str(source.error))
            if isinstance(source, Absent)
            else show_extracted(source.extracted)
        )
        parts.append(Padding(told, (0, 0, 0, 2)))
    return Group(*parts)
