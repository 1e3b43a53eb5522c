-- Lots are confirmed by persons: how many a lot needs, who sent it, and what exactly it pays, as a
-- hash. Lots of before have none (zeros) and need one person.
ALTER TABLE lot ADD COLUMN sender TEXT NOT NULL DEFAULT ''; -- Who sent it; '': the API's keys.
ALTER TABLE lot ADD COLUMN listed INTEGER NOT NULL DEFAULT 0; -- 1: from an address of ip_list.
ALTER TABLE lot ADD COLUMN persons INTEGER NOT NULL DEFAULT 1
    CHECK (persons BETWEEN 0 AND 2); -- How many have to confirm it; 0: it was listed.
ALTER TABLE lot ADD COLUMN hash BLOB NOT NULL
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000'; -- lot_hash_end().

CREATE TABLE approval (
    merchant     INTEGER NOT NULL, -- Whose lot was decided on.
    lot          INTEGER NOT NULL, -- Its code.
    number       INTEGER NOT NULL, -- 1, 2, 3 ... of its lot.
    act          INTEGER NOT NULL CHECK (act BETWEEN 1 AND 4), -- enum approval_act.
    person       TEXT    NOT NULL, -- Who; '' when its time ran out.
    from_address TEXT    NOT NULL, -- From where; '' when that is unknown.
    at_ms        INTEGER NOT NULL, -- When.
    PRIMARY KEY (merchant, lot, number)
) STRICT, WITHOUT ROWID;

-- What somebody said stays as it was said.
CREATE TRIGGER approval_update BEFORE UPDATE ON approval
    BEGIN SELECT RAISE(ABORT, 'an approval never changes'); END;
CREATE TRIGGER approval_delete BEFORE DELETE ON approval
    BEGIN SELECT RAISE(ABORT, 'an approval never goes'); END;
