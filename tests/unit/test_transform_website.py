"""Web addresses: a scheme for those that have none, and none but http and https."""

import polars as pl
import pytest

from etl.transform.website import complete_websites


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("www.koithe.example", "https://www.koithe.example"),
        ("//a.example/x", "https://a.example/x"),
        ("a.example:8080/x", "https://a.example:8080/x"),
        ("facebook.example/shop?u=http://b.example", "https://facebook.example/shop?u=http://b.example"),
        ("ร้าน.example", "https://ร้าน.example"),
        ("https:a.example", "https://a.example"),
        ("https:/a.example", "https://a.example"),
        ("javascript:alert(1)", None),
        ("JavaScript://a.example/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("ftp://a.example", None),
        ("mailto:a@b.example", None),
        ("a@b.example", None),
        ("tel:021182352", None),
        ("https://", None),
        ("Coming soon", None),
        ("shop", None),
        (None, None),
    ],
)
def test_an_address_is_http_or_nothing(text: str | None, expected: str | None) -> None:
    """A host without a scheme gets https; what has another scheme, or is no host, is left out."""
    assert complete_websites(pl.Series([text], dtype=pl.String)).to_list() == [expected]


def test_rows_stay_in_order() -> None:
    """Rows are 1:1, doubled texts and nulls included."""
    texts = pl.Series("website", ["b.example", None, "x", "a.example", "b.example"])
    found = complete_websites(texts)
    assert found.name == "website"
    assert found.to_list() == ["https://b.example", None, None, "https://a.example", "https://b.example"]
