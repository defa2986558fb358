"""A diff as one HTML file that needs nothing else: no server, no network, nothing from the feed that runs."""

from etl.report.html.page import html_pieces, to_html

__all__ = ["html_pieces", "to_html"]
