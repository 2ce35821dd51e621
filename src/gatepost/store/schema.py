"""The tables of the state file, and what their rows hold.

One file holds everything that must agree: pages, open messages, positions, incidents, instructions and the journal of
orders are written in the same transaction (contracts 10). `docs/privacy.md` lists every field.
"""

from gatepost.core.incident import STANDING

VERSION = 1

IN_FORCE = ", ".join(f"'{state.value}'" for state in sorted(STANDING, key=lambda state: state.value))
"""The states of a standing incident, as `state IN (…)` takes them."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (subject TEXT PRIMARY KEY, data BLOB NOT NULL, touched REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sources (
    name TEXT PRIMARY KEY, generation INTEGER NOT NULL, offset INTEGER NOT NULL,
    device INTEGER NOT NULL, inode INTEGER NOT NULL, head BLOB NOT NULL, newest REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    host TEXT NOT NULL, queue_id TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (host, queue_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS incidents (
    key TEXT PRIMARY KEY, account TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
    changed REAL NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS incidents_of ON incidents (account, number);
CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, action TEXT NOT NULL, incident TEXT NOT NULL, state TEXT NOT NULL,
    undo TEXT NOT NULL, note TEXT NOT NULL, changed REAL NOT NULL, tries INTEGER NOT NULL, next_try REAL NOT NULL,
    data BLOB NOT NULL, planned REAL NOT NULL, UNIQUE (key, action));
CREATE INDEX IF NOT EXISTS journal_of ON journal (incident);
CREATE INDEX IF NOT EXISTS journal_open ON journal (state) WHERE state IN ('planned', 'running', 'failed');
CREATE INDEX IF NOT EXISTS journal_planned ON journal (planned);
CREATE TABLE IF NOT EXISTS decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, queue_id TEXT NOT NULL, account TEXT NOT NULL,
    made REAL NOT NULL, data BLOB NOT NULL, UNIQUE (host, queue_id));
CREATE TABLE IF NOT EXISTS dead (
    account TEXT NOT NULL, address TEXT NOT NULL, first REAL NOT NULL, last REAL NOT NULL, cause TEXT NOT NULL,
    status TEXT NOT NULL, reply TEXT NOT NULL, PRIMARY KEY (account, address)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (
    queue_id TEXT NOT NULL, host TEXT NOT NULL, account TEXT NOT NULL, accepted REAL NOT NULL,
    message_id BLOB NOT NULL, sender BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (queue_id, host)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sent_as ON sent (message_id);
CREATE INDEX IF NOT EXISTS sent_by ON sent (sender) WHERE sender != x'';
CREATE INDEX IF NOT EXISTS sent_at ON sent (accepted);
CREATE TABLE IF NOT EXISTS reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT, queue_id TEXT NOT NULL, host TEXT NOT NULL, accepted REAL NOT NULL,
    what BLOB NOT NULL, account TEXT NOT NULL, source TEXT NOT NULL, came REAL NOT NULL, data BLOB NOT NULL,
    UNIQUE (queue_id, host, accepted, what));
CREATE INDEX IF NOT EXISTS reports_of ON reports (account, source, came);
CREATE TABLE IF NOT EXISTS letters (
    account TEXT NOT NULL, matter TEXT NOT NULL, state TEXT NOT NULL, at REAL NOT NULL, listed INTEGER NOT NULL,
    PRIMARY KEY (account, matter)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS envelopes (
    account TEXT NOT NULL, host TEXT NOT NULL, queue_id TEXT NOT NULL, at REAL NOT NULL, client TEXT NOT NULL,
    sender TEXT NOT NULL, recipients INTEGER NOT NULL, domains TEXT NOT NULL,
    PRIMARY KEY (account, host, queue_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS envelopes_at ON envelopes (at);
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    account TEXT NOT NULL, incident TEXT NOT NULL, why TEXT NOT NULL, result TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS audit_of ON audit (account, at);
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE IF NOT EXISTS links (
    incident TEXT PRIMARY KEY, made REAL NOT NULL, used REAL NOT NULL, client TEXT NOT NULL,
    why TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS instructions (number INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL);
"""
