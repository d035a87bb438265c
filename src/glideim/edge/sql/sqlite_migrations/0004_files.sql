-- Files that are whole, and uploads under way. Their bytes are elsewhere.
CREATE TABLE file (
    file_id    TEXT    PRIMARY KEY,
    uid        INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    type       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    thumbnail  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX file_by_uid ON file (uid, created_at, file_id, size);

CREATE TABLE upload (
    upload_id  TEXT    PRIMARY KEY,
    uid        INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_by_uid ON upload (uid, size);
CREATE INDEX upload_by_expiry ON upload (expires_at);
