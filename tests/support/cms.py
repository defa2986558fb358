"""Tables as the CMS makes them, and rows as the earlier job left them; from DOMAIN.md, not from our own sql/."""

from typing import Any

from tests.support.postgres import Database

_TABLES = """
CREATE TYPE _locales AS ENUM ('th', 'en', 'zh');
CREATE TYPE enum_floors_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE enum_categories_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE enum_categories_type AS ENUM ('shops', 'dinings', 'promotions', 'events', 'directory');
CREATE TABLE floors (
  id serial PRIMARY KEY, name varchar NOT NULL, "order" numeric DEFAULT 1,
  status enum_floors_status DEFAULT 'ACTIVE',
  updated_at timestamptz(3) DEFAULT now() NOT NULL, created_at timestamptz(3) DEFAULT now() NOT NULL);
CREATE TABLE categories (
  id serial PRIMARY KEY, type enum_categories_type, "order" numeric, status enum_categories_status,
  slug varchar UNIQUE NOT NULL, original_id varchar, pin_to_directory bool, image_id int,
  updated_at timestamptz(3) DEFAULT now() NOT NULL, created_at timestamptz(3) DEFAULT now() NOT NULL);
CREATE TABLE categories_locales (
  id serial PRIMARY KEY, _locale _locales NOT NULL, _parent_id int NOT NULL REFERENCES categories (id),
  name varchar, description varchar, display_name varchar, UNIQUE (_locale, _parent_id));
INSERT INTO floors (name, "order") VALUES ('GF', 1), ('1F', 2), ('3F', 3), ('4F', 4);
INSERT INTO categories (type, slug, status) VALUES
  ('shops', 'fashion', 'ACTIVE'), ('shops', 'luxury', 'ACTIVE'), ('dinings', 'restaurant', 'ACTIVE');
INSERT INTO categories_locales (_locale, _parent_id, name) VALUES
  ('en', 1, 'FASHION'), ('en', 2, 'LUXURY'), ('en', 3, 'RESTAURANT');
"""

_KIND = """
CREATE TYPE enum_{t}_status AS ENUM
  ('ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER');
CREATE TYPE enum_{t}_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
CREATE TABLE {t} (
  id serial PRIMARY KEY, unique_id varchar, slug varchar, slug_lock bool DEFAULT true,
  status enum_{t}_status DEFAULT 'ACTIVE', floor_id int REFERENCES floors (id), location_zone varchar,
  location_coordinates_poi_x numeric, location_coordinates_poi_y numeric,
  opening_hours_same_hours_every_day bool, opening_hours_open varchar, opening_hours_close varchar,
  contact_info_website varchar, contact_info_phone varchar, contact_info_instagram_url varchar,
  contact_info_facebook_url varchar, contact_info_wechat_account varchar, contact_info_line_account varchar,
  contact_info_weibo_url varchar, images_logo_id int, images_main_image_id int, images_thumbnail_id int,
  images_facebook_image_id int, date_range_start_date timestamptz(3), date_range_end_date timestamptz(3),
  short_alphabet varchar, sort_order numeric, is_featured bool, pin_to_iconluxe bool DEFAULT false,
  updated_at timestamptz(3) DEFAULT now() NOT NULL, created_at timestamptz(3) DEFAULT now() NOT NULL);
CREATE TABLE {t}_locales (
  id serial PRIMARY KEY, _locale _locales NOT NULL, _parent_id int NOT NULL REFERENCES {t} (id) ON DELETE CASCADE,
  title varchar, subtitle varchar, description varchar, location_shop_number varchar, meta_title varchar,
  meta_description varchar, UNIQUE (_locale, _parent_id));
CREATE TABLE {t}_rels (
  id serial PRIMARY KEY, "order" int, parent_id int NOT NULL REFERENCES {t} (id) ON DELETE CASCADE,
  path varchar NOT NULL, categories_id int REFERENCES categories (id), dinings_id int, shops_id int,
  promotions_id int);
CREATE TABLE {t}_opening_hours_per_day (
  _order int NOT NULL, _parent_id int NOT NULL REFERENCES {t} (id) ON DELETE CASCADE, id varchar PRIMARY KEY,
  day enum_{t}_opening_hours_per_day_day, open varchar, close varchar);
"""

_API_SYNC_LOGS = """
CREATE TYPE enum_api_sync_logs_status AS ENUM ('RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL');
CREATE TABLE api_sync_logs (
  id serial PRIMARY KEY, sync_id varchar UNIQUE, status enum_api_sync_logs_status, started_at timestamptz(3));
"""


def make_cms(database: Database, *, skip_sync: bool, api_sync_logs: bool) -> None:
    """Make the CMS's tables in an empty database, as a newer or an older release has them."""
    database.execute(_TABLES)
    for table in ("shops", "dinings"):
        database.execute(_KIND.format(t=table))
        if skip_sync:
            database.execute(f"ALTER TABLE {table} ADD COLUMN skip_sync bool DEFAULT false")
    if api_sync_logs:
        database.execute(_API_SYNC_LOGS)


def make_media(database: Database, *ids: int) -> None:
    """Make images with these ids, for rows to name."""
    database.execute("INSERT INTO media (id) SELECT unnest(%s)", list(ids))


def make_promotions(database: Database, *ids: int) -> None:
    """Make promotions with these ids, for links to name."""
    database.execute("INSERT INTO promotions (id) SELECT unnest(%s)", list(ids))


def legacy_row(database: Database, unique_id: str | None, *, table: str = "shops", links: tuple[str, ...] = ("/:fashion",),
               title: str = "Old &amp; raw", **columns: Any) -> int:  # fmt: skip
    """Make a row as the earlier job did and return its id; links are `path:category slug`."""
    values = {"unique_id": unique_id, "slug": f"old-{unique_id}", "status": "ACTIVE", **columns}
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    (row,) = database.query(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *values.values())
    database.execute(
        f"INSERT INTO {table}_locales (_locale, _parent_id, title) VALUES ('en', %s, %s), ('zh', %s, '中文')",
        row["id"], title, row["id"],
    )  # fmt: skip
    for order, link in enumerate(links, start=1):
        path, slug = link.split(":")
        database.execute(
            f'INSERT INTO {table}_rels ("order", parent_id, path, categories_id) '
            "SELECT %s, %s, %s, id FROM categories WHERE slug = %s",
            order, row["id"], path, slug,
        )  # fmt: skip
    return int(row["id"])


def shape(database: Database) -> list[Any]:
    """Return every type, column, constraint and index of the CMS's tables: equal means that nothing was altered."""
    return [
        database.query(
            "SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid "
            "WHERE t.typnamespace = 'public'::regnamespace ORDER BY 1, e.enumsortorder"
        ),
        database.query(
            "SELECT table_name, column_name, udt_name, datetime_precision, column_default, is_nullable "
            "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
        ),
        database.query(
            "SELECT conrelid::regclass::text AS t, conname, pg_get_constraintdef(oid) AS d FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        ),
        database.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
        database.query("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"),
    ]
