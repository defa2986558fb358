"""Documents that editors have open, as Payload 3.90 notes them on Postgres: tables by its own push, rows by its panel."""

from tests.support.postgres import Database

_TABLES = """
CREATE TABLE IF NOT EXISTS users (
  id serial PRIMARY KEY, email varchar NOT NULL UNIQUE,
  updated_at timestamptz(3) DEFAULT now() NOT NULL, created_at timestamptz(3) DEFAULT now() NOT NULL);
CREATE TABLE IF NOT EXISTS payload_locked_documents (
  id serial PRIMARY KEY, global_slug varchar,
  updated_at timestamptz(3) DEFAULT now() NOT NULL, created_at timestamptz(3) DEFAULT now() NOT NULL);
CREATE TABLE IF NOT EXISTS payload_locked_documents_rels (
  id serial PRIMARY KEY, "order" int,
  parent_id int NOT NULL REFERENCES payload_locked_documents (id) ON DELETE CASCADE, path varchar NOT NULL,
  users_id int REFERENCES users (id) ON DELETE CASCADE, floors_id int REFERENCES floors (id) ON DELETE CASCADE,
  categories_id int REFERENCES categories (id) ON DELETE CASCADE,
  shops_id int REFERENCES shops (id) ON DELETE CASCADE, dinings_id int REFERENCES dinings (id) ON DELETE CASCADE);
"""
_GRANTS = "GRANT SELECT ON payload_locked_documents, payload_locked_documents_rels TO etl_sync, etl_read"


def make_lock_tables(database: Database) -> None:
    """Make the tables in which Payload notes open documents, where there are none, and let the job's roles read them."""
    database.execute(_TABLES)
    if database.dsn != database.owner_dsn:
        database.execute(_GRANTS)


def open_document(
    database: Database,
    unique_id: str,
    table: str = "shops",
    *,
    seconds_ago: float = 0,
    email: str = "a@example.com",
) -> int:
    """Let an editor type in the document of a record, at last so many seconds ago, and return the lock's id."""
    make_lock_tables(database)
    (user,) = database.query(
        "INSERT INTO users (email) VALUES (%s) ON CONFLICT (email) DO UPDATE SET updated_at = now() RETURNING id",
        email,
    )
    (lock,) = database.query(
        "INSERT INTO payload_locked_documents (updated_at) VALUES (clock_timestamp() - make_interval(secs => %s)) "
        "RETURNING id",
        seconds_ago,
    )
    database.execute(
        f"INSERT INTO payload_locked_documents_rels (parent_id, path, {table}_id) "
        f"SELECT %s, 'document', id FROM {table} WHERE unique_id = %s",
        lock["id"],
        unique_id,
    )
    database.execute(
        "INSERT INTO payload_locked_documents_rels (parent_id, path, users_id) VALUES (%s, 'user', %s)",
        lock["id"],
        user["id"],
    )
    return int(lock["id"])


def close_documents(database: Database) -> None:
    """Let all editors save or leave their documents, which takes the locks away."""
    database.execute("DELETE FROM payload_locked_documents")
