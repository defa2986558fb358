"""A model of the three-way merge in plain Python, made from DOMAIN.md and DESIGN.md, not from our code."""

from dataclasses import dataclass, field
from typing import Any

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PER_DAY = tuple((day, "10:00", "21:00" if day not in ("sat", "sun") else "22:00") for day in WEEK)
Hours = tuple[bool | None, str | None, str | None, tuple[Any, ...]]  # one value
HOURS: dict[str | None, Hours | None] = {
    None: None,
    "10:00 - 22:00": (True, "10:00", "22:00", ()),
    "09.00-20.00": (True, "09:00", "20:00", ()),
    "call us": (True, "call us", None, ()),
    "6-11": (True, "6-11", None, ()),
    "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00": (False, None, None, PER_DAY),
    "Mon 9:00-10:00": (False, None, None, (("mon", "09:00", "10:00"),)),
}
NO_HOURS: Hours = (True, None, None, ())  # what the CMS's columns have by default
HOURS_PARTS = ("same", "open", "close", "per_day")
FLOORS: dict[str | None, tuple[str, ...]] = {
    None: (),
    "3": ("3F",),
    "Fl. 4": ("4F",),
    "3,4": ("3F", "4F"),
    "3,4,5": ("3F", "4F", "5F"),
    "G,GA": ("GF",),
    "5,99": ("5F",),
    "roof": (),
}
DOUBTED = {None, "5,99", "roof"}  # labels that do not say which floors a record is on
CATEGORIES: dict[str | None, tuple[str, str | None]] = {  # label: kind, category
    "Fashion": ("shops", "FASHION"),
    "luxury brands / fashion": ("shops", "LUXURY"),
    "Restaurant": ("dinings", "RESTAURANT"),
    "TAKE HOME": ("dinings", "TAKE HOME"),
    "Nonsense": ("shops", None),
    None: ("shops", None),
}
SAYS_NO_KIND = {None, "Nonsense"}

COLUMNS = {
    "zone": "location_zone",
    "phone": "contact_info_phone",
    "website": "contact_info_website",
    "same": "opening_hours_same_hours_every_day",
    "open": "opening_hours_open",
    "close": "opening_hours_close",
}
TEXTS = {
    "title": "title",
    "subtitle": "subtitle",
    "description": "description",
    "meta_title": "meta_title",
    "meta_description": "meta_description",
    "number": "location_shop_number",
}


@dataclass
class Row:
    """A row of the CMS: merged fields by name, the rest beside them."""

    table: str
    unique_id: str
    fields: dict[str, Any]
    zh: dict[str, Any]
    slug: str
    number: int  # its id: rows of a table are counted from 1
    status: str = "INACTIVE"
    skip_sync: bool = False
    editors_links: set[str] = field(default_factory=set)
    job_category: str | None = None  # of the link that the job made, removed by an editor or not


@dataclass
class Base:
    """What the last sync had from the source for a row."""

    source_id: str
    row: Row
    fields: dict[str, Any]
    kind: str = ""  # the table that the source's labels name, or that of the row where they name none
    missing_run: int = 0  # by which sync it was missing first; 0: it is not
    was_inactivated: bool = False
    was_deleted: bool = False  # a sync has seen it gone from the CMS


def blank(value: str | None) -> str | None:
    """Return a source's text, None where it is blank."""
    return (value or "").strip() or None


_BLANKS = ("", " ", "\u00a0")


def filled(feed: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the last record of a feed, its blanks filled from the ones before it that have its id."""
    last = dict(feed[-1])
    for raw in reversed(feed[:-1]):
        if raw["uniqueId"] == last["uniqueId"]:
            last |= {name: value for name, value in raw.items() if last[name] in {None, *_BLANKS}}
    return last


def texts_of(raw: dict[str, Any], language: str) -> dict[str, str | None]:
    """Return the texts of a language, by DOMAIN's table."""
    brand, shop = {"En": ("brandNameEn", "shopNameEnglish"), "Th": ("brandNameTh", "shopNameThai")}[language]
    other = {"En": "shopNameThai", "Th": "shopNameEnglish"}[language]
    description = blank(raw[f"description{language}"])
    return {
        "title": blank(raw[brand]) or blank(raw[shop]),
        "subtitle": blank(raw[other]),
        "description": description,
        "meta_title": blank(raw[brand]),
        "meta_description": description,
        "number": blank(raw["unit"]),
    }


def fields_of(raw: dict[str, Any], floor: str | None) -> dict[str, Any]:
    """Return what the source says of a record on one of its floors; None where it says nothing."""
    fields: dict[str, Any] = {"hours": HOURS[raw["openingHours"]]}
    fields |= {"zone": blank(raw["zone"]), "phone": blank(raw["tel"]), "website": blank(raw["website"])}
    fields |= {f"{name}_en": text for name, text in texts_of(raw, "En").items()}
    fields |= {f"{name}_th": text for name, text in texts_of(raw, "Th").items()}
    return {**fields, "floor": floor}


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same; None, '' and hours without any time are all nothing."""
    return (plain_hours(one) or None) == (plain_hours(other) or None)


def plain_hours(value: Any) -> Any:
    """Return hours without the order of their days, and without what is empty; other values as they are."""
    if not isinstance(value, tuple):
        return value
    same, opens, closes, days = value
    return (same, opens or None, closes or None, tuple(sorted(days))) if opens or closes or days else None


class Model:
    """The CMS and the base as they should be."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.bases: dict[str, Base] = {}
        self._made = {"shops": 0, "dinings": 0}
        self._renamed: set[str] = set()
        self._held: dict[str, str] = {}
        self._doubted: set[str] = set()
        self._run = 0

    def sync(self, feed: list[dict[str, Any]], winner: str, missing: str) -> dict[str, int]:
        """Load a feed and return the counts."""
        self.winner, self.counts = winner, dict.fromkeys(
            ("created", "updated", "skipped", "rejected", "missing", "inactivated", "conflicts"), 0
        )  # fmt: skip
        self._run += 1
        self._doubted = set()
        copies = self._copies(feed)
        self._carry_over(copies)
        self._follow_deleted(copies)
        for unique_id, (raw, floor) in copies.items():
            self._load(unique_id, raw, floor)
        can_tell = all(
            raw["uniqueId"] for raw in feed
        )  # else a missing row may be that of a record without id
        self._leave(copies, missing if can_tell else "keep")
        return self.counts

    def _copies(self, feed: list[dict[str, Any]]) -> dict[str, tuple[dict[str, Any], str | None]]:
        """Return the records to load by their unique_id, one a floor."""
        last = {raw["uniqueId"]: at for at, raw in enumerate(feed)}
        records = [
            filled(feed[: at + 1])
            for at, raw in enumerate(feed)
            if raw["uniqueId"] and last[raw["uniqueId"]] == at
        ]
        self.counts["rejected"] += sum(raw["uniqueId"] is None for raw in feed)
        copies: dict[str, tuple[dict[str, Any], str | None]] = {}
        for raw in records:
            names = FLOORS[raw["floor"]]
            if raw["floor"] in DOUBTED:
                self._doubted.add(raw["uniqueId"])
                if had := self._had(raw["uniqueId"]):
                    kept = {name: (raw, base.fields["floor"]) for name, base in had.items()}
                    copies |= {
                        name: copy
                        for name, copy in kept.items()
                        if name == raw["uniqueId"] or name not in last
                    }
                    self.counts["rejected"] += sum(name != raw["uniqueId"] and name in last for name in kept)
                    continue
            if len(names) < 2:
                copies[raw["uniqueId"]] = (raw, names[0] if names else None)
                continue
            for name in names:
                unique_id = f"{raw['uniqueId']}-{name}"
                owner = self.bases.get(unique_id)
                is_others = owner is not None and owner.source_id != raw["uniqueId"]
                if unique_id in last or (owner and is_others and not self._is_free(owner, last)):
                    self.counts["rejected"] += 1
                    continue
                if owner and is_others and owner.row not in self.rows:
                    del self.bases[unique_id]
                copies[unique_id] = (raw, name)
        return copies

    def _had(self, source_id: str) -> dict[str, Base]:
        """Return the rows that a record has: those that the source had last, and those that an editor deleted."""
        own = {name: base for name, base in self.bases.items() if base.source_id == source_id}
        there = {name: base for name, base in own.items() if self._holds(base, name)}
        runs = {base.missing_run for base in there.values()}
        latest = 0 if 0 in runs else max(runs, default=0)
        return {
            name: base for name, base in own.items() if base.missing_run == (latest if name in there else 0)
        }

    def _is_free(self, owner: Base, last: dict[str, int]) -> bool:
        """Tell whether an id may go to a copy: its owner has left, and the owner's row is gone or INACTIVE."""
        has_left = owner.source_id not in last and None not in last
        return has_left and (owner.row not in self.rows or owner.row.status == "INACTIVE")

    def _carry_over(self, copies: dict[str, tuple[dict[str, Any], str | None]]) -> None:
        """Give rows whose floor goes on under another unique_id that id."""
        wishes: dict[tuple[str, int], list[tuple[int, int, str, str]]] = {}
        for old_id, base in self.bases.items():
            if old_id in copies:
                continue
            for order, (new_id, (raw, floor)) in enumerate(copies.items()):
                if raw["uniqueId"] != base.source_id:
                    continue
                rank = self._rank(base, floor)
                if new_id not in self.bases and rank and self._holds(base, old_id):
                    place = base.row.table, base.row.number
                    wishes.setdefault(place, []).append((rank, order, old_id, new_id))
        best: dict[str, list[tuple[int, bool, int, str, str]]] = {}
        for found in wishes.values():
            rank, _, old_id, new_id = min(found)
            row = self.bases[old_id].row
            best.setdefault(new_id, []).append((rank, row.status != "ACTIVE", row.number, row.table, old_id))
        for new_id, rows in best.items():
            *_, old_id = min(rows)
            base = self.bases[old_id]
            if not base.row.skip_sync:
                self.bases[new_id] = self.bases.pop(old_id)
                self.bases[new_id].row.unique_id = new_id
                self._renamed.add(new_id)
            else:
                self._held[new_id] = old_id

    def _follow_deleted(self, copies: dict[str, tuple[dict[str, Any], str | None]]) -> None:
        """Know deleted rows again by their floor, under whatever id the record would have there now."""
        new = {
            name: copy for name, copy in copies.items() if name not in self.bases and name not in self._held
        }
        held: dict[str, tuple[int, str]] = {}
        for old_id, base in self.bases.items():
            if old_id in copies or base.row in self.rows:
                continue
            known = base.fields["floor"]
            fits = [
                (0 if floor == known is not None else 1, order, new_id)
                for order, (new_id, (raw, floor)) in enumerate(new.items())
                if raw["uniqueId"] == base.source_id and (floor == known or None in (floor, known))
            ]
            if fits:
                rank, _, new_id = min(fits)
                held[new_id] = min(held.get(new_id, (9, "")), (rank, old_id))
        self._held |= {new_id: old_id for new_id, (_, old_id) in held.items()}

    def _holds(self, base: Base, unique_id: str) -> bool:
        return base.row in self.rows and base.row.unique_id == unique_id

    @staticmethod
    def _rank(base: Base, floor: str | None) -> int | None:
        """Say how well a row fits a floor: by the CMS, by the base, or since there is none to compare."""
        theirs, known = base.row.fields["floor"], base.fields.get("floor")
        if floor is not None and floor == theirs:
            return 1
        if floor is not None and floor == known:
            return 2
        return 3 if floor is None or (theirs or known) is None else None

    def _load(self, unique_id: str, raw: dict[str, Any], floor: str | None) -> None:
        base = self.bases.get(self._held.get(unique_id, unique_id))
        if base is None:
            self._create(unique_id, raw, floor)
        elif base.row not in self.rows and self._belongs_elsewhere(base, unique_id, raw):
            names = FLOORS[raw["floor"]]
            self._create(unique_id, raw, names[0] if raw["floor"] in DOUBTED and names else floor)
        elif base.row not in self.rows or base.row.skip_sync or unique_id in self._held:
            base.was_deleted = base.row not in self.rows
            self.counts["skipped"] += 1
        else:
            self._merge(base, raw, floor, is_renamed=unique_id in self._renamed)

    @staticmethod
    def _belongs_elsewhere(base: Base, unique_id: str, raw: dict[str, Any]) -> bool:
        """Tell whether a deleted row was in the wrong table, by what the source says now or said when it was there."""
        table, _ = CATEGORIES[raw["categoryNameEn"]]
        if raw["categoryNameEn"] in SAYS_NO_KIND or table == base.row.table:
            return False
        is_only_kept = raw["floor"] in DOUBTED and unique_id != raw["uniqueId"]
        return not is_only_kept and (base.kind == table or not base.was_deleted)

    def _create(self, unique_id: str, raw: dict[str, Any], floor: str | None) -> None:
        table, category = CATEGORIES[raw["categoryNameEn"]]
        fields = {**fields_of(raw, floor), "category": category}
        self._made[table] += 1
        slug = self._slug(table, fields["title_en"] or fields["title_th"])
        row = Row(
            table,
            unique_id,
            {**fields, "hours": fields["hours"] or NO_HOURS},
            texts_of(raw, "En"),
            slug,
            self._made[table],
            job_category=category,
        )
        self.rows.append(row)
        self.bases[unique_id] = Base(raw["uniqueId"], row, fields, table)
        self.counts["created"] += 1

    def _slug(self, table: str, title: str) -> str:
        taken = {row.slug for row in self.rows if row.table == table}
        stem = title.lower().replace(" ", "-")
        return next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, 99))) if s not in taken)

    def _merge(self, base: Base, raw: dict[str, Any], floor: str | None, *, is_renamed: bool) -> None:
        table, category = CATEGORIES[raw["categoryNameEn"]]
        ours = {**fields_of(raw, floor), "category": category if table == base.row.table else None}
        theirs = {**base.row.fields, "category": self._category(base, ours["category"])}
        written = {
            name: value for name, value in ours.items() if self._takes(base, name, value, theirs[name])
        }
        self._link(base, ours["category"], is_written="category" in written)
        written |= {"category": base.row.fields["category"]} if "category" in written else {}
        base.row.fields |= written
        base.fields |= {name: value for name, value in ours.items() if value is not None}
        base.source_id, base.missing_run, base.was_inactivated = raw["uniqueId"], 0, False
        base.kind = base.row.table if raw["categoryNameEn"] in SAYS_NO_KIND else table
        base.was_deleted = False
        self.counts["updated"] += bool(written or is_renamed)

    @staticmethod
    def _category(base: Base, ours: str | None) -> str | None:
        """Return the category that the merge sees: the base's while its link stands, the source's where linked."""
        row = base.row
        own = {row.fields["category"]} if row.fields["category"] else set()
        stands = bool(own) if row.job_category else base.fields["category"] in row.editors_links
        return base.fields["category"] if stands else ours if ours in row.editors_links else None

    @staticmethod
    def _link(base: Base, ours: str | None, *, is_written: bool) -> None:
        """Move the job's link, if the source's category is taken; where an editor has that link the job has none."""
        row = base.row
        if is_written:
            row.job_category = row.fields["category"] = None if ours in row.editors_links else ours
        elif ours is not None and ours != base.fields["category"]:
            row.job_category = None  # the base moves on, and the job's link is gone

    def _takes(self, base: Base, name: str, ours: Any, theirs: Any) -> bool:
        """Tell whether the source's value is written: the table of DESIGN.md."""
        if ours is None or is_same(ours, theirs) or is_same(ours, base.fields[name]):
            return False
        if is_same(theirs, base.fields[name]):
            return True
        self.counts["conflicts"] += 1
        return self.winner == "source"

    def _leave(self, present: dict[str, tuple[dict[str, Any], str | None]], missing: str) -> None:
        stands = {(raw["uniqueId"], floor) for raw, floor in present.values() if floor}
        held = set(self._held.values())
        for row in self.rows:
            if row.unique_id in present or row.unique_id in held:
                continue
            self.counts["missing"] += 1
            base = self.bases[row.unique_id]
            is_shown = row.status in ("ACTIVE", "COMING_SOON")
            is_left = missing == "inactivate" and not row.skip_sync and is_shown
            # an earlier row of the record goes on in its place
            is_left &= (base.source_id, row.fields["floor"]) not in stands
            is_left &= base.source_id not in self._doubted
            if is_left and not base.was_inactivated:
                row.status, base.was_inactivated = "INACTIVE", True
                self.counts["inactivated"] += 1
            base.missing_run = base.missing_run or self._run

    def start(self) -> None:
        """Forget what concerned the sync before."""
        self._renamed, self._held = set(), {}

    def shown(self) -> dict[Any, Any]:
        """Return the rows as `read_cms` does."""
        shown = {}
        for row in self.rows:
            merged = dict(row.fields)
            category = merged.pop("category")
            merged |= zip(HOURS_PARTS, merged.pop("hours"), strict=True)
            links = sorted({category} - {None} | row.editors_links)
            seen = {
                name: None if value in ("", ()) and value is not False else value
                for name, value in merged.items()
            }
            own = {"status": row.status, "slug": row.slug, "skip_sync": row.skip_sync, "links": links}
            zh = {name: text or None for name, text in row.zh.items()}
            shown[row.table, row.unique_id] = {**seen, **own, "zh": zh}
        return shown
