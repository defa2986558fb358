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
    odd = texts.filter(~texts.str.contains(f"(?i){_WHOLE}")).unique()
    if odd.is_empty():
        return texts
    slashed = pl.col("text").str.replace(_HTTP, "${1}://")
    completed = pl.coalesce(
        pl.when(slashed.str.contains(f"(?i){_WHOLE}")).then(slashed),
        pl.concat_str(pl.lit("https://"), pl.col("text").str.extract(_BARE)),
    )
    return texts.replace(odd, odd.rename("text").to_frame().select(completed).to_series())
