"""What a database must be for a command: one list, for `etl check`, `init`, `diff` and `sync` alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from etl.contract.cms import OPTIONAL, READ, SCREEN, WRITTEN
from etl.db import catalogue
from etl.db.catalogue import Catalogue
from etl.db.connection import Postgres
from etl.errors import ConfigError, ContractError

OLDEST_POSTGRES = 130_000

Purpose = Literal["check", "init", "explain", "look", "write"]
"""What a database is held to: `look` is a diff's, `write` a sync's, a move's or a rollback's."""

Section = Literal["database", "CMS tables", "rights"]
"""The line of `etl check` that a requirement belongs to."""

ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
OWN_RIGHTS: dict[str, tuple[str, ...]] = {
    "etl.schema_build": ("SELECT",),
    "etl.sync_logs": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "etl.sync_issues": ("SELECT", "INSERT", "DELETE"),
    "etl.sync_changes": ("SELECT", "INSERT", "DELETE"),
    "etl.sources": ("SELECT", "INSERT", "UPDATE"),
    "etl.tenants_base": ("SELECT", "INSERT", "UPDATE"),
}
"""What a run needs on the job's own tables."""


@dataclass(frozen=True)
class Unmet:
    """A requirement that a database does not meet: where `etl check` shows it, and the sentence with its remedy."""

    section: Section
    message: str


@dataclass(frozen=True)
class Requirements:
    """What was found out.

    Attributes:
        catalogue: What the tables are.
        unmet: What is in the way, the first thing to mend first.
    """

    catalogue: Catalogue
    unmet: tuple[Unmet, ...]

    def of(self, section: Section) -> list[str]:
        """Return the sentences of a section."""
        return [each.message for each in self.unmet if each.section == section]


def examine(db: Postgres, purpose: Purpose) -> Requirements:
    """Find out what is in the way of a command; nothing is written."""
    found = catalogue.read_catalogue(db, OWN_RIGHTS)
    unmet = [
        *(Unmet("database", message) for message in _server(db, purpose)),
        *(Unmet("CMS tables", message) for message in _cms(db, found, purpose)),
        *(Unmet("rights", message) for message in _rights(db, found, purpose)),
    ]
    # what reads the tables, once they are there and may be read
    if not unmet and purpose != "init":
        unmet = [Unmet("CMS tables", message) for message in _state(db, found)]
    return Requirements(found, tuple(unmet))


def require(db: Postgres, purpose: Purpose) -> Catalogue:
    """Return what the tables are, once nothing is in the way of a command, and let the session find them.

    Raises:
        ConfigError: the server is not one that the job can use.
        ContractError: the CMS's tables, or the role's rights, are not what the job needs.
    """
    requirements = examine(db, purpose)
    if requirements.unmet:
        error = ConfigError if requirements.of("database") else ContractError
        raise error("\n".join(each.message for each in requirements.unmet))
    return requirements.catalogue


def _server(db: Postgres, purpose: Purpose) -> Iterator[str]:
    session = db.session
    if session.version_number < OLDEST_POSTGRES:
        yield f"Postgres {session.version} is too old: 13 or later is needed."
    if session.encoding != "UTF8":
        yield f"The database's encoding is {session.encoding}; UTF8 is needed."
    # a run that writes is refused by the server, in its own words
    if session.is_read_only and purpose in {"check", "init"}:
        yield f"{db.shown} is read-only (a replica?). Point DATABASE_URL at the primary."


def _cms(db: Postgres, found: Catalogue, purpose: Purpose) -> Iterator[str]:
    misplaced = list(catalogue.misplaced(db.session))
    yield from misplaced
    missing = catalogue.missing_of_cms(found)
    has_any = any(name in found for name in (*READ, *WRITTEN))
    # init is for a database without a CMS too
    if missing and not misplaced and (has_any or purpose != "init"):
        yield f"{db.shown} does not have {_listed(missing, purpose)} {_remedy(missing, has_any)}"
    yield from catalogue.misshapen(found)
    if purpose != "init":
        yield from catalogue.hidden(found, db.session.username)


def _listed(missing: list[str], purpose: Purpose) -> str:
    shown = missing if purpose == "check" else missing[:3]
    rest = ", … (`etl check` lists all)" if len(shown) < len(missing) else ""
    return f"{len(missing)} tables or columns of the CMS: {', '.join(shown)}{rest}."


def _remedy(missing: list[str], has_any: bool) -> str:
    if not has_any:
        return "Is it the CMS's database, and its schema on the search path? `etl init` makes them in an empty database."
    if all("." in name for name in missing):
        return "Let each be a field of one value and without localization in the CMS, and run its migrations."
    return "The job knows them by Payload's own names: let the CMS give them no other (dbName, relationshipsSuffix, …)."


def _rights(db: Postgres, found: Catalogue, purpose: Purpose) -> Iterator[str]:
    if purpose == "init":
        yield from _owners(db, found)
        return
    missing = catalogue.lacking(found, _wanted(purpose, found))
    # an explanation does without the plan, unless the CMS's tables themselves are seen through temporary views
    is_needed = purpose != "explain" or db.session.is_shared
    if is_needed and not db.session.may_make_temporary:
        missing.append("TEMPORARY on the database")
    if missing:
        yield (
            f"The role does not have {len(missing)} rights: {', '.join(missing[:3])}{', …' if len(missing) > 3 else ''}. "
            "Let the tables' owner GRANT them; sql/roles.sql makes a role that has all."
        )


def _owners(db: Postgres, found: Catalogue) -> Iterator[str]:
    unseen = [name for name in (*READ, *WRITTEN) if name in found and "SELECT" not in found[name].rights]
    if unseen:
        yield (
            f"The CMS's tables are in schema {db.session.cms_schema}, and {db.session.username} may not read "
            f"{len(unseen)} of them: {', '.join(unseen[:3])}{', …' if len(unseen) > 3 else ''}. `etl init` is "
            "for their owner."
        )


def _wanted(purpose: Purpose, found: Catalogue) -> Mapping[str, Sequence[str]]:
    # what is found beside the tables that each CMS has is of versions, or copied into them
    more = [name for name in found if name not in {*READ, *OPTIONAL, *WRITTEN, *SCREEN, *OWN_RIGHTS}]
    if purpose in {"explain", "look"}:
        return dict.fromkeys((*READ, *OPTIONAL, *WRITTEN, *OWN_RIGHTS, *more), ("SELECT",))
    return {
        **dict.fromkeys((*READ, *OPTIONAL), ("SELECT",)),
        **dict.fromkeys(WRITTEN, ALL_RIGHTS),
        **{name: ALL_RIGHTS if name.startswith("_") else ("SELECT",) for name in more},
        **OWN_RIGHTS,
    }


def _state(db: Postgres, found: Catalogue) -> Iterator[str]:
    db.shade_cms()
    yield from catalogue.behind(db, found)
