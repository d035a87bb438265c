-- Friendships, requests, blocks, and who may see whether somebody is there.

-- Both sides of a friendship or request, one row each. state: 1 friend, 2 asked by peer, 3 asked peer.
CREATE TABLE contact (
    uid     INTEGER NOT NULL,
    peer    INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    remark  TEXT    NOT NULL,
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (uid, peer)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_by_state ON contact (uid, state, peer);

CREATE TABLE blocked (
    uid  INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (uid, peer)
) STRICT, WITHOUT ROWID;

-- audience: who may see it; 1 everyone, 2 contacts, 3 nobody. seen_at: 0 if never.
CREATE TABLE presence (
    uid      INTEGER PRIMARY KEY,
    audience INTEGER NOT NULL DEFAULT 1,
    seen_at  INTEGER NOT NULL DEFAULT 0
) STRICT;
