"""The API's pages, as Arrow, into a sink: `with Client(url) as client: extract(client, sink)`.

Uses snapshot, config and runtime; the only room with HTTP. Knows neither the database nor the rules of a record.
"""

from etl.extract.client import Client, Limits, RequestCounts
from etl.extract.extraction import PageProgress, Sink, extract
from etl.extract.parse import Page, parse_page

__all__ = [
    "Client",
    "Limits",
    "Page",
    "PageProgress",
    "RequestCounts",
    "Sink",
    "extract",
    "parse_page",
]
