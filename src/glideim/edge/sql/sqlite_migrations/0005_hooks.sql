-- API keys, bots and webhooks.

CREATE TABLE api_key (
    key_id     INTEGER PRIMARY KEY AUTOINCREMENT,  -- a revoked key's id never comes back in a log
    hash       BLOB    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,                   -- JSON list
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL
) STRICT;

-- An account is a bot because it stands here. An HMAC key has to be kept as it is.
CREATE TABLE bot (
    uid        INTEGER PRIMARY KEY,
    url        TEXT    NOT NULL,
    secret     TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- How far each follower of the message log is.
CREATE TABLE hook_cursor (
    name TEXT    PRIMARY KEY,
    mid  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What waits for bots. Written in the transaction that moves the cursor past the message.
CREATE TABLE hook_waiting (
    number     INTEGER PRIMARY KEY,
    ident      TEXT    NOT NULL UNIQUE,
    hook       INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX hook_waiting_by_hook ON hook_waiting (hook, number);

-- What could not be delivered.
CREATE TABLE hook_dead (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    ident      TEXT    NOT NULL UNIQUE,
    hook       INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    error      TEXT    NOT NULL,
    died_at    INTEGER NOT NULL
) STRICT;
