-- Transfers whose outcome no operator tells are decided by persons: who, what, why and when.
ALTER TABLE merchant ADD COLUMN two_persons INTEGER NOT NULL DEFAULT 0; -- 1: a settlement needs two.

CREATE TABLE settlement (
    transfer INTEGER NOT NULL, -- Whose outcome was decided on.
    number   INTEGER NOT NULL, -- 1, 2, 3 ... of its transfer.
    act      INTEGER NOT NULL CHECK (act BETWEEN 1 AND 6), -- enum settlement_act.
    outcome  INTEGER NOT NULL CHECK (outcome IN (1, 4, 5)), -- enum transfer_state.
    person   TEXT    NOT NULL, -- Who; '' when an operator's answer came first.
    evidence TEXT    NOT NULL, -- What for.
    at_ms    INTEGER NOT NULL, -- When.
    PRIMARY KEY (transfer, number)
) STRICT, WITHOUT ROWID;
-- Only proposals: as many as persons ever made.
CREATE INDEX settlement_proposed ON settlement (transfer, number) WHERE act = 1;

-- What somebody said stays as it was said.
CREATE TRIGGER settlement_update BEFORE UPDATE ON settlement
    BEGIN SELECT RAISE(ABORT, 'a settlement never changes'); END;
CREATE TRIGGER settlement_delete BEFORE DELETE ON settlement
    BEGIN SELECT RAISE(ABORT, 'a settlement never goes'); END;
