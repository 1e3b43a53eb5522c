-- What persons did: who, from where, what, to whom, and what was there before and after.
CREATE TABLE act (
    id       INTEGER PRIMARY KEY, -- 1, 2, 3 ... without a gap.
    kind     INTEGER NOT NULL, -- enum act_kind.
    merchant INTEGER NOT NULL, -- Whose affair; 0: the platform's.
    person   TEXT    NOT NULL CHECK (person <> ''), -- Who.
    source   TEXT    NOT NULL, -- The address that it came from; '' when there was none.
    request  TEXT    NOT NULL, -- The request's id in the log.
    subject  TEXT    NOT NULL, -- What it was done to: a lot, a transfer, a user.
    before   TEXT    NOT NULL, -- JSON: what differs, as it was ...
    after    TEXT    NOT NULL, -- ... and as it is. Never a secret.
    at_ms    INTEGER NOT NULL  -- When.
) STRICT;
CREATE INDEX act_merchant ON act (merchant, id);
CREATE INDEX act_person ON act (person, id);

CREATE TABLE act_head (
    last_act_id INTEGER PRIMARY KEY, -- The last act of a batch.
    hash        BLOB    NOT NULL CHECK (length(hash) = 32) -- Over the head before and them.
) STRICT;

-- What was done stays as it was done.
CREATE TRIGGER act_update BEFORE UPDATE ON act
    BEGIN SELECT RAISE(ABORT, 'an act never changes'); END;
CREATE TRIGGER act_delete BEFORE DELETE ON act
    BEGIN SELECT RAISE(ABORT, 'an act never goes'); END;
CREATE TRIGGER act_head_update BEFORE UPDATE ON act_head
    BEGIN SELECT RAISE(ABORT, 'a head of the acts never changes'); END;
CREATE TRIGGER act_head_delete BEFORE DELETE ON act_head
    BEGIN SELECT RAISE(ABORT, 'a head of the acts never goes'); END;
