"""Random days of a mall whose CMS keeps drafts, against a model of what the panel and the public site then show."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.drafts import Drafts, keep_drafts
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record

NAMES = tuple(f"T{number}" for number in range(4))
HOURS = {
    "10:00 - 22:00": [],
    "Mon 10:00-21:00, Tue 11:00-21:00": [("mon", "10:00", "21:00"), ("tue", "11:00", "21:00")],
    "Wed 09:00-12:00, Thu 10:00-13:00": [("wed", "09:00", "12:00"), ("thu", "10:00", "13:00")],
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "title_en": ("A", "B", "C"),
    "title_th": ("ก", "ข", "ค"),
    "zone": ("East", "West", "North"),
    "hours": tuple(HOURS),
    "category": ("FASHION", "BEAUTY", "LUXURY"),
}
"""The values of each field, for the source and, but for the category, for editors: their links stand beside the job's."""

_EDITED = ("title_en", "title_th", "zone", "hours")

Values = dict[str, Any]


@dataclass
class Model:
    """What each record has: at the source, as the last sync had it, on the public site and in the panel."""

    source: dict[str, Values] = field(default_factory=dict)
    base: dict[str, Values] = field(default_factory=dict)
    public: dict[str, Values] = field(default_factory=dict)
    panel: dict[str, Values] = field(default_factory=dict)
    drafts: set[str] = field(default_factory=set)

    def sync(self) -> set[tuple[str, str]]:
        """Merge as DESIGN.md says, and return (record, field) of what stays as a draft has it."""
        stays = set()
        for name, ours in self.source.items():
            if name not in self.base:
                self.public[name], self.panel[name] = dict(ours), dict(ours)
            for key, value in ours.items():
                before = self.public[name][key]
                if self.base.get(name, ours)[key] == value or before == value:
                    continue
                self.public[name][key] = value
                if self.panel[name][key] == before or name not in self.drafts:
                    self.panel[name][key] = value
                elif self.panel[name][key] != value:
                    stays.add((name, key))
            self.base[name] = dict(ours)
        return stays

    def save(self, name: str, changes: Values, *, draft: bool) -> None:
        """Save the panel's form with some changes."""
        self.panel[name] |= changes
        if draft:
            self.drafts.add(name)
        else:
            self.drafts.discard(name)
            self.public[name] = dict(self.panel[name])


def raw(name: str, values: Values) -> dict[str, Any]:
    """Return the API's record of these values."""
    return record(
        name, brandNameEn=values["title_en"], brandNameTh=values["title_th"], zone=values["zone"],
        openingHours=values["hours"], categoryNameEn=values["category"].title(), categoryNameTh=None,
    )  # fmt: skip


def shown(content: dict[str, Any], categories: dict[int, str]) -> Values:
    """Return the model's values of a row or version."""
    days = [(day["day"], day["open"], day["close"]) for day in content["days"]]
    (category,) = [link["categories_id"] for link in content["links"] if link["path"] == "categories"]
    return {
        "title_en": content["texts"]["en"]["title"],
        "title_th": content["texts"]["th"]["title"],
        "zone": content["location_zone"],
        "hours": next(name for name, value in HOURS.items() if value == days),
        "category": categories[category],
    }


def form(changes: Values) -> Values:
    """Return changes as `Drafts.save` takes them."""
    fields: Values = {name: value for name, value in changes.items() if name.startswith("title")}
    if "zone" in changes:
        fields["location_zone"] = changes["zone"]
    if "hours" in changes:
        is_daily = not HOURS[changes["hours"]]
        fields |= {
            "hours": HOURS[changes["hours"]],
            "opening_hours_same_hours_every_day": is_daily,
            "opening_hours_open": "10:00" if is_daily else None,
            "opening_hours_close": "22:00" if is_daily else None,
        }
    return fields


def some(chance: random.Random, names: Sequence[str]) -> Values:
    """Return one to three of these fields with values by chance."""
    return {name: chance.choice(CHOICES[name]) for name in chance.sample(names, chance.randint(1, 3))}


@pytest.mark.long
@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("seed", range(4))
def test_days_of_chance(mall: Mall, seed: int) -> None:
    """Each sync leaves panel and public site as the model has them, and reports just what stays; so does its rollback."""
    chance = random.Random(seed)
    keep_drafts(mall.database)
    drafts, model = Drafts(mall), Model()
    categories = {mall.category_id(name): name for name in CHOICES["category"]}
    model.source = {name: {key: values[0] for key, values in CHOICES.items()} for name in NAMES}
    for day in range(5):
        done = mall.sync([raw(name, values) for name, values in model.source.items()])
        expected = model.sync()
        found = mall.database.query(
            "SELECT unique_id, field FROM etl.sync_issues WHERE sync_id = %s AND code = 'in_an_editors_draft'",
            done.sync_id,
        )
        said = {(row["unique_id"], row["field"]) for row in found if not row["field"].startswith("meta")}
        assert said == expected, day
        _compare(drafts, model, categories)
        for name in NAMES:
            if chance.random() < 0.6:
                changes, draft = some(chance, _EDITED), chance.random() < 0.6
                drafts.save(name, draft=draft, **form(changes))
                model.save(name, changes, draft=draft)
            if chance.random() < 0.6:
                model.source[name] |= some(chance, tuple(CHOICES))
    before = (drafts.rows(), model.drafts)
    done = mall.sync([raw(name, values) for name, values in model.source.items()])
    model.sync()
    _compare(drafts, model, categories)
    roll_back(mall, done.sync_id)
    assert _values(drafts.rows(), categories) == _values(before[0], categories)
    assert {
        name for name, content in _named(drafts.listed()) if content["_status"] == "draft"
    } == model.drafts


def _named(contents: dict[int, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(content["unique_id"], content) for content in contents.values()]


def _values(contents: dict[int, dict[str, Any]], categories: dict[int, str]) -> dict[str, Values]:
    return {name: shown(content, categories) for name, content in _named(contents)}


def _compare(drafts: Drafts, model: Model, categories: dict[int, str]) -> None:
    rows, listed = drafts.rows(), drafts.listed()
    assert _values(rows, categories) == model.public
    assert _values(listed, categories) == model.panel
    assert {name for name, content in _named(listed) if content["_status"] == "draft"} == model.drafts
    # what is published as it is has a version that is the row's copy, to the last field
    for number, content in listed.items():
        if content["_status"] == "published":
            assert content == rows[number]
