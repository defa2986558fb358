"""Find a record in what a diff or a rollback says."""

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """A record with an id."""

    @property
    def unique_id(self) -> str | None:
        """The record's id; none where the feed gives none."""


One = TypeVar("One", bound=Named)
One_co = TypeVar("One_co", bound=Named, covariant=True)


class Listing(Protocol[One_co]):
    """A diff, or what a rollback did."""

    @property
    def records(self) -> Sequence[One_co]:
        """Its records."""


def record_of(found: Listing[One], unique_id: str) -> One:
    """Return the only record with a unique_id."""
    (record,) = [each for each in found.records if each.unique_id == unique_id]
    return record
