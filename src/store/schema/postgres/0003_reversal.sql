-- Paid transfers that are taken back at their operator, as persons ask for it.
ALTER TABLE transfer ADD COLUMN reversals integer NOT NULL DEFAULT 0; -- How many it has.

CREATE TABLE reversal (
    transfer           bigint   NOT NULL, -- What is taken back.
    due_at_ms          bigint   NOT NULL, -- When step is due; also the end of a worker's lease.
    asked_at_ms        bigint   NOT NULL, -- When it was asked for.
    changed_at_ms      bigint   NOT NULL, -- When it changed last.
    ended_at_ms        bigint   NOT NULL, -- When it ended; 0 before.
    number             integer  NOT NULL, -- 1, 2, 3 ... of its transfer.
    attempts           integer  NOT NULL, -- How often a worker took it.
    state              smallint NOT NULL CHECK (state BETWEEN 1 AND 7), -- enum reversal_state.
    step               smallint NOT NULL CHECK (step BETWEEN 0 AND 2), -- enum transfer_step.
    in_hand            smallint NOT NULL CHECK (in_hand BETWEEN 0 AND 2), -- For what a worker has it.
    person             text     NOT NULL, -- Who asked for it first.
    evidence           text     NOT NULL, -- What for.
    second             text     NOT NULL, -- Who asked for it, too; '' when nobody did.
    operator_reference text     NOT NULL, -- The operator's own id of it; '' until known.
    PRIMARY KEY (transfer, number),
    CHECK ((step = 0) = (due_at_ms = 0))
);
-- Nothing is taken back twice: at most one that lives or is done (5).
CREATE UNIQUE INDEX reversal_one ON reversal (transfer) WHERE state < 6;
CREATE INDEX reversal_due ON reversal (due_at_ms, transfer, number) WHERE step > 0;
