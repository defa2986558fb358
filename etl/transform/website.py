"""Web addresses: a scheme where there is none, and none but http and https."""

import polars as pl

_HTTP = "^(?i)(https?):/*"
_HOST = r"[^\s/?#:@]+\.[^\s/?#:@]+"
_BARE = rf"^(?://)?({_HOST}(?::[0-9]{{1,5}})?(?:[/?#].*)?)$"
_WHOLE = r"^https?://[^\s/?#]"


def complete_websites(texts: pl.Series) -> pl.Series:
    """Give addresses a scheme; null where a text is no address of http or https.

    Rows: 1:1. A host without a scheme has a dot in it, or it is taken for a word. The texts are clean.
    """
    distinct = texts.drop_nulls().unique().rename("text").to_frame()
    slashed = pl.col("text").str.replace(_HTTP, "${1}://")
    completed = pl.coalesce(
        pl.when(slashed.str.contains(f"(?i){_WHOLE}")).then(slashed),
        pl.concat_str(pl.lit("https://"), pl.col("text").str.extract(_BARE)),
    )
    known = distinct.with_columns(website=completed)
    return (
        texts.rename("text").to_frame().join(known, on="text", how="left", maintain_order="left")["website"]
    )
