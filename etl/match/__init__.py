"""Match floors and categories to the CMS's rows, by ranked fallbacks in DuckDB (`sql/match`).

Uses contract and transform; the only room with DuckDB. Knows no database: floors and categories are given.
"""

from etl.match.explain import Considered, Explanation, KindExplanation
from etl.match.matcher import Matched, Matcher

__all__ = ["Considered", "Explanation", "KindExplanation", "Matched", "Matcher"]
