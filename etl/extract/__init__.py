"""The API's pages, as Arrow, into a sink: `with Client(url) as client: extract(client, sink)`."""

from etl.extract.arrow import Page, parse_page
from etl.extract.client import Client, Counts, Limits
from etl.extract.run import ExtractReport, Progress, Sink, extract

__all__ = [
    "Client",
    "Counts",
    "ExtractReport",
    "Limits",
    "Page",
    "Progress",
    "Sink",
    "extract",
    "parse_page",
]
