-- People, their sessions, conversations and messages.

-- `mid` is the row id: rows are appended at the end of the table, whatever the conversation.
-- A conversation is two integers, (smaller uid, larger uid), and a cli_mid that is a UUID is its 16 bytes:
-- the two indexes are written at random places, so their size decides what a commit costs.
CREATE TABLE message (
    mid       INTEGER PRIMARY KEY,
    low       INTEGER NOT NULL,
    high      INTEGER NOT NULL,
    seq       INTEGER NOT NULL CHECK (seq > 0),
    sender    INTEGER NOT NULL,
    cli_mid   ANY     NOT NULL,
    recipient INTEGER NOT NULL,
    type      INTEGER NOT NULL,
    content   TEXT,              -- NULL: erased
    send_at   INTEGER NOT NULL,
    status    INTEGER NOT NULL,
    more      TEXT               -- JSON of what most messages lack: reply_to, mentions, extra
) STRICT;

CREATE UNIQUE INDEX message_by_seq ON message (low, high, seq);
CREATE UNIQUE INDEX message_by_cli_mid ON message (sender, cli_mid);

-- Who has which conversation in their inbox, and how far they are.
CREATE TABLE member (
    uid       INTEGER NOT NULL,
    conv      TEXT    NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0,
    read      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (uid, conv)
) STRICT, WITHOUT ROWID;

-- The *_key columns hold names in the form in which they are compared.
CREATE TABLE account (
    uid           INTEGER PRIMARY KEY,
    account       TEXT    NOT NULL,
    account_key   TEXT    NOT NULL UNIQUE,
    nickname      TEXT    NOT NULL,
    nickname_key  TEXT    NOT NULL,
    avatar        TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    banned        INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX account_by_nickname ON account (nickname_key);

CREATE TABLE session (
    session_id INTEGER PRIMARY KEY,
    uid        INTEGER NOT NULL,
    device     INTEGER NOT NULL,
    device_id  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX session_by_uid ON session (uid);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE token (
    hash       BLOB    PRIMARY KEY,
    session_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX token_by_session ON token (session_id);
CREATE INDEX token_by_expiry ON token (expires_at);

-- Sequences of ids: the next one that nobody has.
CREATE TABLE segment (
    name TEXT    PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO segment (name, next) VALUES ('uid', 10001);
