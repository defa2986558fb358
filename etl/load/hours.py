"""Hours of a plan in the words of people."""

import json

from etl.contract.hours import readable
from etl.db.connection import Postgres


def hours_in_words(db: Postgres, name: str) -> str:
    """Return the hours that a query reads as people read them, as JSON by their text."""
    return json.dumps({text: readable(text) for text in db.read(name)["hours"]}, ensure_ascii=False)
