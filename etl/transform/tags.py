"""HTML tags taken out of text; only the names that HTML knows are tags, so that `a < b` and `I <3 you` stay."""

import polars as pl

_NAMES = """
a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br button
canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset
figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins
isindex kbd keygen label legend li link listing main map mark marquee math menu menuitem meta meter nav nobr noembed
noframes noscript object ol optgroup option output p param picture plaintext pre progress q rb rp rt rtc ruby s samp script
search section select slot small source spacer span strike strong style sub summary sup svg table tbody td template textarea
tfoot th thead time title tr track tt u ul var video wbr xmp
"""

# a quoted value may hold a `>`; where the quotes don't pair, the first `>` ends the tag
_REST = r"""(?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*')*|[\s/][^<>]*)?>"""
_UNSEEN = "|".join(
    [rf"<{name}{_REST}.*?</{name}\s*>" for name in ("script", "style")] + ["<!--.*?-->", "<!doctype[^<>]*>"]
)
_LINE_END = rf"</?br{_REST}|</(?:p|li)\s*>"
_TAG = rf"</?(?:{'|'.join(_NAMES.split())}){_REST}"

NEEDLE = "<[A-Za-z/!]"
"""What a value must hold to have a tag."""


def strip_tags(values: pl.Series) -> pl.Series:
    """Take the tags out of text. Rows: 1:1.

    `<br>`, `</p>` and `</li>` become line ends; comments, and scripts and styles that end, go with their content.
    """
    return (
        values.str.replace_all(f"(?is){_UNSEEN}", "")
        .str.replace_all(f"(?i){_LINE_END}", "\n")
        .str.replace_all(f"(?i){_TAG}", "")
    )
