"""Stores in SQLite as older payoutds kept them."""
import pathlib
import sqlite3

SCHEMAS = sorted((pathlib.Path(__file__).parents[2] / "src/store/schema/sqlite").glob("*.sql"))


def tables(store, schema="main"):
    return {name for (name,) in store.execute(f"SELECT name FROM {schema}.sqlite_schema WHERE type = 'table'")}


def columns(store, table, schema="main"):
    return [row[1] for row in store.execute(f"PRAGMA {schema}.table_info({table})")]


def downgrade(path, version):
    """The store at path becomes one of that schema, with all rows that it had room for."""
    newer = path.with_suffix(".newer")
    path.rename(newer)
    with sqlite3.connect(path) as store:
        application, mode = (sqlite3.connect(newer).execute(f"PRAGMA {what}").fetchone()[0] for what in ("application_id", "journal_mode"))
        store.execute(f"PRAGMA journal_mode = {mode}")
        for schema in SCHEMAS[:version]:
            store.executescript(schema.read_text())
        store.execute(f"PRAGMA application_id = {application}")
        store.execute(f"PRAGMA user_version = {version}")
        store.execute(f"ATTACH '{newer}' AS newer")
        for table in sorted(tables(store) & tables(store, "newer")):
            both = ", ".join(name for name in columns(store, table) if name in columns(store, table, "newer"))
            store.execute(f"INSERT OR REPLACE INTO main.{table} ({both}) SELECT {both} FROM newer.{table}")
        store.commit()
        store.execute("DETACH newer")
    store.close()
    path.chmod(0o600)
    newer.unlink()
