-- Mails to persons about lots: written with what they tell, sent later.
ALTER TABLE lot ADD COLUMN mails INTEGER NOT NULL DEFAULT 0; -- How many were made for it.

CREATE TABLE mail (
    merchant      INTEGER NOT NULL, -- Whose lot.
    lot           INTEGER NOT NULL, -- Its code.
    number        INTEGER NOT NULL, -- 1, 2, 3 ... of its lot.
    kind          INTEGER NOT NULL CHECK (kind > 0), -- enum mail_kind.
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum mail_state.
    recipient     TEXT    NOT NULL, -- One address.
    tries         INTEGER NOT NULL, -- That ended.
    due_at_ms     INTEGER NOT NULL, -- When it is to be sent; 0 unless it waits.
    created_at_ms INTEGER NOT NULL, -- With its lot.
    ended_at_ms   INTEGER NOT NULL, -- When it left WAITING; 0 before.
    error         TEXT    NOT NULL, -- Why the last try failed; '' when it did not.
    PRIMARY KEY (merchant, lot, number)
) STRICT, WITHOUT ROWID;
-- Only mails that wait (state 1), and those given up (3).
CREATE INDEX mail_due ON mail (due_at_ms, merchant, lot, number) WHERE state = 1;
CREATE INDEX mail_dead ON mail (created_at_ms) WHERE state = 3;
