-- A contradiction stays open until a person closes it.
ALTER TABLE contradiction ADD COLUMN closed_at_ms INTEGER NOT NULL DEFAULT 0; -- 0: it is open.
ALTER TABLE contradiction ADD COLUMN person TEXT NOT NULL DEFAULT ''; -- Who closed it.
ALTER TABLE contradiction ADD COLUMN note TEXT NOT NULL DEFAULT ''; -- What came of it.
CREATE INDEX contradiction_open ON contradiction (id) WHERE closed_at_ms = 0;
CREATE INDEX contradiction_transfer ON contradiction (transfer, id);

-- What an operator said stays as it was said; what was closed stays closed.
CREATE TRIGGER contradiction_update BEFORE UPDATE ON contradiction
    WHEN old.closed_at_ms <> 0 OR new.closed_at_ms = 0 OR new.transfer <> old.transfer
        OR new.state <> old.state OR new.verdict <> old.verdict OR new.at_ms <> old.at_ms
        OR new.operator_reference <> old.operator_reference
    BEGIN SELECT RAISE(ABORT, 'a contradiction is closed once, and never changes'); END;
CREATE TRIGGER contradiction_delete BEFORE DELETE ON contradiction
    BEGIN SELECT RAISE(ABORT, 'a contradiction never goes'); END;
