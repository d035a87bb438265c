-- Groups and their members; changes of messages; settings of conversations.

-- A group's conversation is the pair (0, gid): no person has the uid 0.
CREATE TABLE chat_group (
    gid          INTEGER PRIMARY KEY,
    name         TEXT    NOT NULL,
    owner        INTEGER NOT NULL,
    avatar       TEXT    NOT NULL,
    announcement TEXT    NOT NULL,
    join_mode    TEXT    NOT NULL,
    history      TEXT    NOT NULL,
    invite       TEXT    NOT NULL,
    muted_until  INTEGER NOT NULL,
    max_members  INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    dissolved    INTEGER NOT NULL
) STRICT;

CREATE TABLE group_member (
    gid         INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    role        TEXT    NOT NULL,
    muted_until INTEGER NOT NULL,
    nickname    TEXT    NOT NULL,
    joined_at   INTEGER NOT NULL,
    since       INTEGER NOT NULL, -- the seq before the first that the member may see
    PRIMARY KEY (gid, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_member_by_uid ON group_member (uid, gid);

CREATE TABLE group_request (
    gid     INTEGER NOT NULL,
    uid     INTEGER NOT NULL,
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (gid, uid)
) STRICT, WITHOUT ROWID;

-- `changed` is the number of the last change of a message that was stored before (recalled, edited, reacted to,
-- pinned, erased): what a sync brings besides new messages. Most messages never change and cost nothing here.
ALTER TABLE message ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN expire_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_changed ON message (low, high, changed) WHERE changed > 0;
CREATE INDEX message_by_change ON message (changed) WHERE changed > 0;
CREATE INDEX message_pinned ON message (low, high, pinned) WHERE pinned > 0;
CREATE INDEX message_expiring ON message (expire_at) WHERE expire_at > 0;
CREATE INDEX message_growing ON message (mid) WHERE status = 4;

CREATE TABLE reaction (
    low  INTEGER NOT NULL,
    high INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    key  TEXT    NOT NULL,
    uid  INTEGER NOT NULL,
    PRIMARY KEY (low, high, seq, key, uid)
) STRICT, WITHOUT ROWID;

-- One's own settings of a conversation; `hidden` is the seq up to which it is hidden. `changed` moves with every
-- change of them and of the positions: what a sync brings.
ALTER TABLE member ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Settings that all members share.
CREATE TABLE conversation (
    low          INTEGER NOT NULL,
    high         INTEGER NOT NULL,
    expire_after INTEGER NOT NULL, -- seconds; 0: messages stay
    changed      INTEGER NOT NULL,
    PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;

INSERT INTO segment (name, next) VALUES ('change', 1), ('gid', 10001);
