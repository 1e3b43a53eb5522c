-- Merchants' endpoints, which are told of all their transfers besides each one's notify_url.
CREATE TABLE endpoint (
    merchant               INTEGER NOT NULL, -- Whose.
    number                 INTEGER NOT NULL CHECK (number > 0), -- 1, 2, 3 ... of its merchant.
    id                     INTEGER NOT NULL UNIQUE, -- What its sealed secrets are bound to.
    state                  INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum endpoint_state.
    format                 INTEGER NOT NULL CHECK (format BETWEEN 1 AND 2), -- enum endpoint_format.
    events                 INTEGER NOT NULL, -- Which changes it hears: ENDPOINT_EVENT.
    url                    TEXT    NOT NULL, -- Where it is.
    secret_key             TEXT    NOT NULL, -- What signs, sealed.
    secret_before          TEXT    NOT NULL, -- What signs beside it; '' when nothing does.
    secret_before_until_ms INTEGER NOT NULL, -- Until when.
    created_at_ms          INTEGER NOT NULL, -- When it was made.
    changed_at_ms          INTEGER NOT NULL, -- Since when its state is what it is.
    failures               INTEGER NOT NULL, -- Tries that failed since one arrived.
    failing_since_ms       INTEGER NOT NULL, -- The first of them; 0: there is none.
    day                    INTEGER NOT NULL, -- Since 1970; of the two counts that follow.
    day_tries              INTEGER NOT NULL, -- All of that day.
    day_failures           INTEGER NOT NULL, -- Those that failed.
    bad_day                INTEGER NOT NULL, -- The last day that failed as a whole; 0: none.
    mails                  INTEGER NOT NULL, -- How many were made for it.
    PRIMARY KEY (merchant, number)
) STRICT, WITHOUT ROWID;
-- Only those that are told and whose last try failed.
CREATE INDEX endpoint_failing ON endpoint (merchant, number)
    WHERE state = 1 AND failing_since_ms <> 0;
CREATE TRIGGER endpoint_delete BEFORE DELETE ON endpoint
    BEGIN SELECT RAISE(ABORT, 'an endpoint never goes'); END;

-- A notification is of a transfer, for its notify_url or an endpoint, about a change; and it waits
-- in a queue. What was there is for notify_urls, each merchant's in a queue of its own.
CREATE TABLE notification_new (
    transfer           INTEGER NOT NULL, -- Whose change it tells.
    endpoint           INTEGER NOT NULL, -- Who is told; 0: the transfer's notify_url.
    number             INTEGER NOT NULL, -- Which change: 1, 2, 3 ... of its transfer.
    merchant           INTEGER NOT NULL, -- Whose transfer.
    queue              INTEGER NOT NULL, -- notification_queue_of_url(), or of an endpoint.
    state              INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum notification_state.
    due_at_ms          INTEGER NOT NULL, -- When to send it; 0 unless it is due.
    next_number        INTEGER NOT NULL, -- The one that waits for this; 0: none does.
    attempts           INTEGER NOT NULL, -- Tries so far.
    created_at_ms      INTEGER NOT NULL, -- When the change was made.
    ended_at_ms        INTEGER NOT NULL, -- When it was delivered or given up; 0 before.
    transfer_state     INTEGER NOT NULL, -- What it tells: the transfer as it was then.
    confirmed          INTEGER NOT NULL, -- The same.
    reason             INTEGER NOT NULL, -- The same.
    operator_reference TEXT    NOT NULL, -- The same.
    validated_at_ms    INTEGER NOT NULL, -- The same.
    redeliveries       INTEGER NOT NULL, -- How often a person had it sent again.
    redelivered_at_ms  INTEGER NOT NULL, -- The last time; 0: never.
    attempts_before    INTEGER NOT NULL, -- Tries before that.
    PRIMARY KEY (transfer, endpoint, number)
) STRICT, WITHOUT ROWID;
INSERT INTO notification_new SELECT transfer, 0, number, merchant, merchant, state, due_at_ms,
    CASE WHEN state IN (1, 2) AND EXISTS (SELECT 1 FROM notification AS after
        WHERE after.transfer = n.transfer AND after.number = n.number + 1 AND after.state = 1)
        THEN number + 1 ELSE 0 END,
    attempts, created_at_ms, ended_at_ms, transfer_state, confirmed, reason, operator_reference,
    validated_at_ms, 0, 0, 0 FROM notification AS n ORDER BY transfer, number;
DROP TABLE notification;
ALTER TABLE notification_new RENAME TO notification;
-- Only those that are due (2): all of them, and each queue's; and those that were given up (4).
CREATE INDEX notification_due ON notification (due_at_ms, transfer, endpoint, number)
    WHERE state = 2;
CREATE INDEX notification_queue ON notification (queue, due_at_ms, transfer, endpoint, number)
    WHERE state = 2;
CREATE INDEX notification_dead ON notification (merchant, transfer, endpoint, number)
    WHERE state = 4;

CREATE TABLE delivery_new (
    transfer    INTEGER NOT NULL, -- With endpoint and number: which notification.
    endpoint    INTEGER NOT NULL, -- As above.
    number      INTEGER NOT NULL, -- As above.
    attempt     INTEGER NOT NULL, -- 1, 2, 3 ... of that notification.
    at_ms       INTEGER NOT NULL, -- When the try began.
    duration_ms INTEGER NOT NULL, -- How long it took.
    http_status INTEGER NOT NULL, -- The answer's; 0: there was none.
    error       TEXT    NOT NULL, -- Why there was none; '' otherwise.
    PRIMARY KEY (transfer, endpoint, number, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_new SELECT transfer, 0, number, attempt, at_ms, duration_ms, http_status, error
    FROM delivery ORDER BY transfer, number, attempt;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;
