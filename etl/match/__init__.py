"""Match floors and categories to the CMS's rows, by ranked fallbacks in DuckDB (`sql/match`)."""

from etl.match.engine import Matched, Matcher
from etl.match.explain import Considered, Explanation

__all__ = ["Considered", "Explanation", "Matched", "Matcher"]
