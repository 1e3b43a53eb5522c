-- Receivers' names are screened before money goes to them.
ALTER TABLE transfer ADD COLUMN screening INTEGER NOT NULL DEFAULT 0; -- How that stands: enum screening_state.
ALTER TABLE transfer ADD COLUMN screenings INTEGER NOT NULL DEFAULT 0; -- How many lines of screening it has.

CREATE TABLE screening (
    transfer INTEGER NOT NULL, -- Whose receiver's name was asked about.
    number   INTEGER NOT NULL, -- 1, 2, 3 ... of its transfer.
    verdict  INTEGER NOT NULL CHECK (verdict BETWEEN 1 AND 3), -- enum screening_state.
    source   TEXT    NOT NULL, -- Who answered.
    version  TEXT    NOT NULL, -- Of the list, or the answer's reference.
    entry    TEXT    NOT NULL, -- What the name is like; '' when it is like none.
    score    INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100), -- How like it is.
    at_ms    INTEGER NOT NULL, -- When.
    PRIMARY KEY (transfer, number)
) STRICT, WITHOUT ROWID;
-- What was answered stays as it was answered.
CREATE TRIGGER screening_update BEFORE UPDATE ON screening
    BEGIN SELECT RAISE(ABORT, 'a screening never changes'); END;
CREATE TRIGGER screening_delete BEFORE DELETE ON screening
    BEGIN SELECT RAISE(ABORT, 'a screening never goes'); END;

-- Those that wait for a person, and those to be screened (step 3), which operators' workers never see.
CREATE INDEX transfer_matched ON transfer (merchant, id) WHERE screening = 2;
CREATE INDEX transfer_screen ON transfer (due_at_ms) WHERE step = 3;
DROP INDEX transfer_due;
CREATE INDEX transfer_due ON transfer (due_at_ms) WHERE step BETWEEN 1 AND 2;

-- Persons decide on matches too: acts 7 and 8. A CHECK can't be changed, so the table is made anew.
CREATE TABLE settlement_again (
    transfer INTEGER NOT NULL, -- Whose outcome was decided on.
    number   INTEGER NOT NULL, -- 1, 2, 3 ... of its transfer.
    act      INTEGER NOT NULL CHECK (act BETWEEN 1 AND 8), -- enum settlement_act.
    outcome  INTEGER NOT NULL CHECK (outcome IN (1, 4, 5)), -- enum transfer_state.
    person   TEXT    NOT NULL, -- Who; '' when an operator's answer came first.
    evidence TEXT    NOT NULL, -- What for.
    at_ms    INTEGER NOT NULL, -- When.
    PRIMARY KEY (transfer, number)
) STRICT, WITHOUT ROWID;
INSERT INTO settlement_again (transfer, number, act, outcome, person, evidence, at_ms)
    SELECT transfer, number, act, outcome, person, evidence, at_ms FROM settlement;
DROP TABLE settlement;
ALTER TABLE settlement_again RENAME TO settlement;
CREATE INDEX settlement_proposed ON settlement (transfer, number) WHERE act = 1;
CREATE TRIGGER settlement_update BEFORE UPDATE ON settlement
    BEGIN SELECT RAISE(ABORT, 'a settlement never changes'); END;
CREATE TRIGGER settlement_delete BEFORE DELETE ON settlement
    BEGIN SELECT RAISE(ABORT, 'a settlement never goes'); END;
