-- The first schema. Times are milliseconds since 1970, amounts whole numbers of the currency's
-- smallest unit. Numbers of states, kinds and currencies are those of src/money's headers.
PRAGMA application_id = 0x5041594F; -- "PAYO": tells file(1), and us, whose database this is.

CREATE TABLE merchant (
    id               INTEGER PRIMARY KEY, -- Ten digits; the constant part of its lots' texts.
    name             TEXT    NOT NULL,    -- For people.
    apikey           TEXT    NOT NULL,    -- What it logs in with.
    password_hash    TEXT    NOT NULL,    -- Of its API password: Argon2id.
    secret_key       TEXT    NOT NULL,    -- Signs its notifications.
    currency         INTEGER NOT NULL,    -- Its home currency.
    lang             INTEGER NOT NULL,    -- 0 fr, 1 en: for what goes out to it.
    suspended        INTEGER NOT NULL,    -- 1: its logins and tokens are refused.
    token_query_only INTEGER NOT NULL,    -- 1: a token in a body or a header is refused.
    flat_reply       INTEGER NOT NULL,    -- 1: contact and send answer single-nested.
    all_or_nothing   INTEGER NOT NULL,    -- 1: one bad item refuses the whole lot.
    notify_url       TEXT    NOT NULL,    -- For items that name none; '' when there is none.
    ip_list          TEXT    NOT NULL,    -- Addresses from which lots are confirmed at once.
    lot_expiry_ms    INTEGER NOT NULL,    -- How long a lot may wait for its confirmation.
    last_lot         INTEGER NOT NULL,    -- The code of its newest lot; 0: none yet.
    created_at_ms    INTEGER NOT NULL     -- When it was made.
) STRICT;
CREATE UNIQUE INDEX merchant_apikey ON merchant (apikey);

CREATE TABLE account (
    number        INTEGER PRIMARY KEY, -- Merchant, kind, currency, operator: account_number().
    balance_minor INTEGER NOT NULL,    -- The sum of its movements.
    -- A merchant's own money (kinds 1 and 2) is never below zero, whoever writes it.
    CHECK (balance_minor >= 0 OR (number >> 12 & 15) > 2)
) STRICT;

CREATE TABLE contact (
    merchant      INTEGER NOT NULL REFERENCES merchant, -- Whose contact.
    msisdn        INTEGER NOT NULL, -- The clean number, with its country's prefix.
    prefix        TEXT    NOT NULL, -- As first sent, like the rest.
    phone         TEXT    NOT NULL, -- The number as sent.
    name          TEXT    NOT NULL, -- Family name.
    surname       TEXT    NOT NULL, -- First name.
    email         TEXT    NOT NULL, -- '' when none was sent.
    lot           INTEGER NOT NULL, -- Of the request that made it.
    created_at_ms INTEGER NOT NULL, -- When it was made.
    PRIMARY KEY (merchant, msisdn)
) STRICT, WITHOUT ROWID;

CREATE TABLE lot (
    merchant        INTEGER NOT NULL REFERENCES merchant, -- Whose lot.
    code            INTEGER NOT NULL, -- Second and number in it: lot_text().
    state           INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum lot_state.
    first           INTEGER NOT NULL, -- The id of its first transfer ...
    count           INTEGER NOT NULL, -- ... and how many follow each other.
    total_xof_minor INTEGER NOT NULL, -- What was accepted, by currency.
    total_xaf_minor INTEGER NOT NULL, -- The same in XAF.
    total_gnf_minor INTEGER NOT NULL, -- The same in GNF.
    total_cdf_minor INTEGER NOT NULL, -- The same in CDF.
    created_at_ms   INTEGER NOT NULL, -- When it was accepted.
    expires_at_ms   INTEGER NOT NULL, -- Until when it may be confirmed; 0 unless it waits.
    decided_at_ms   INTEGER NOT NULL, -- When it left WAITING; 0 before.
    source          TEXT    NOT NULL, -- The address it came from.
    PRIMARY KEY (merchant, code)
) STRICT, WITHOUT ROWID;
-- Only lots that wait (state 1): both stay small, whatever the table's size.
CREATE INDEX lot_waiting ON lot (merchant, code) WHERE state = 1;
CREATE INDEX lot_expiry ON lot (expires_at_ms, merchant, code) WHERE state = 1;

CREATE TABLE transfer (
    id                 INTEGER PRIMARY KEY, -- transfer_id_text(); grows with time: rows append.
    merchant           INTEGER NOT NULL, -- Who pays. No REFERENCES: the book has looked it up.
    lot                INTEGER NOT NULL, -- The code of its lot.
    client_id          TEXT,             -- The merchant's own id for it; NULL: none was sent.
    prefix             TEXT    NOT NULL, -- The receiver's country, as sent.
    phone              TEXT    NOT NULL, -- The receiver's number, as sent.
    msisdn             INTEGER NOT NULL, -- The receiver's number, clean.
    operator_number    INTEGER NOT NULL, -- Who pays it out: data/countries.csv.
    amount_minor       INTEGER NOT NULL CHECK (amount_minor > 0), -- What is sent.
    currency           INTEGER NOT NULL, -- enum currency.
    notify_url         TEXT    NOT NULL, -- Where its notifications go.
    confirmed          INTEGER NOT NULL, -- 1: its lot was confirmed.
    state              INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5), -- enum transfer_state.
    reason             INTEGER NOT NULL, -- enum transfer_reason.
    operator_reference TEXT    NOT NULL, -- The operator's own id; '' until known.
    step               INTEGER NOT NULL, -- What is to be done next: enum transfer_step.
    due_at_ms          INTEGER NOT NULL, -- When; also the end of a worker's lease.
    attempts           INTEGER NOT NULL, -- How often a worker took it.
    notifications      INTEGER NOT NULL, -- How many were made.
    created_at_ms      INTEGER NOT NULL, -- When it was accepted.
    changed_at_ms      INTEGER NOT NULL, -- When it changed last.
    submitted_at_ms    INTEGER NOT NULL, -- When it first went to REC; 0 before.
    validated_at_ms    INTEGER NOT NULL, -- When it went to VAL; 0 otherwise.
    CHECK ((step = 0) = (due_at_ms = 0))
) STRICT;
-- Nobody is paid twice for one id. The one index that grows with the table; its order is the
-- merchant's own, so ids that count up keep to its end.
CREATE UNIQUE INDEX transfer_client ON transfer (merchant, client_id)
    WHERE client_id IS NOT NULL;
-- Only transfers with something to be done.
CREATE INDEX transfer_due ON transfer (due_at_ms) WHERE step <> 0;

CREATE TABLE notification (
    transfer           INTEGER NOT NULL, -- Whose change it tells.
    number             INTEGER NOT NULL, -- 1, 2, 3 ... of its transfer.
    merchant           INTEGER NOT NULL, -- Who is told.
    state              INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum notification_state.
    due_at_ms          INTEGER NOT NULL, -- When to send it; 0 unless it is due.
    attempts           INTEGER NOT NULL, -- Tries so far.
    created_at_ms      INTEGER NOT NULL, -- When the change was made.
    ended_at_ms        INTEGER NOT NULL, -- When it was delivered or given up; 0 before.
    transfer_state     INTEGER NOT NULL, -- What it tells: the transfer as it was then.
    confirmed          INTEGER NOT NULL, -- The same.
    reason             INTEGER NOT NULL, -- The same.
    operator_reference TEXT    NOT NULL, -- The same.
    validated_at_ms    INTEGER NOT NULL, -- The same.
    PRIMARY KEY (transfer, number)
) STRICT, WITHOUT ROWID;
-- Only those that are due (2), and those that were given up (4).
CREATE INDEX notification_due ON notification (due_at_ms, transfer, number) WHERE state = 2;
CREATE INDEX notification_dead ON notification (transfer, number) WHERE state = 4;

CREATE TABLE delivery (
    transfer    INTEGER NOT NULL, -- With number: which notification.
    number      INTEGER NOT NULL, -- As above.
    attempt     INTEGER NOT NULL, -- 1, 2, 3 ... of that notification.
    at_ms       INTEGER NOT NULL, -- When the try began.
    duration_ms INTEGER NOT NULL, -- How long it took.
    http_status INTEGER NOT NULL, -- The answer's; 0: there was none.
    error       TEXT    NOT NULL, -- Why there was none; '' otherwise.
    PRIMARY KEY (transfer, number, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE funding (
    merchant     INTEGER NOT NULL REFERENCES merchant, -- Whose money.
    reference    TEXT    NOT NULL, -- What the platform's people call it.
    kind         INTEGER NOT NULL, -- enum movement_kind: a top-up or a withdrawal.
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), -- How much.
    currency     INTEGER NOT NULL, -- enum currency.
    at_ms        INTEGER NOT NULL, -- When.
    PRIMARY KEY (merchant, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE movement (
    id           INTEGER PRIMARY KEY, -- 1, 2, 3 ... without a gap.
    kind         INTEGER NOT NULL, -- enum movement_kind.
    from_account INTEGER NOT NULL, -- account_number().
    to_account   INTEGER NOT NULL, -- account_number().
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), -- What went from one to the other.
    currency     INTEGER NOT NULL, -- enum currency: both accounts'.
    merchant     INTEGER NOT NULL, -- Whose doing it was.
    reference    INTEGER NOT NULL, -- The lot's code or the transfer's id; 0: neither.
    at_ms        INTEGER NOT NULL  -- When.
) STRICT;

CREATE TABLE ledger_head (
    last_movement_id INTEGER PRIMARY KEY, -- The last movement of a batch.
    hash             BLOB    NOT NULL CHECK (length(hash) = 32) -- Over the head before and them.
) STRICT;

-- What was booked stays as it was booked.
CREATE TRIGGER movement_update BEFORE UPDATE ON movement
    BEGIN SELECT RAISE(ABORT, 'a movement never changes'); END;
CREATE TRIGGER movement_delete BEFORE DELETE ON movement
    BEGIN SELECT RAISE(ABORT, 'a movement never goes'); END;
CREATE TRIGGER ledger_head_update BEFORE UPDATE ON ledger_head
    BEGIN SELECT RAISE(ABORT, 'a ledger head never changes'); END;
CREATE TRIGGER ledger_head_delete BEFORE DELETE ON ledger_head
    BEGIN SELECT RAISE(ABORT, 'a ledger head never goes'); END;

CREATE TABLE contradiction (
    id                 INTEGER PRIMARY KEY, -- In order of arrival.
    transfer           INTEGER NOT NULL, -- Of which an operator said what can't be.
    state              INTEGER NOT NULL, -- The transfer's, final: enum transfer_state.
    verdict            INTEGER NOT NULL, -- What was said: enum verdict.
    operator_reference TEXT    NOT NULL, -- The operator's id for it; '' when it gave none.
    at_ms              INTEGER NOT NULL  -- When.
) STRICT;

CREATE TABLE lane (
    id        INTEGER PRIMARY KEY CHECK (id = 1), -- One lane writes here.
    batch_key BLOB    NOT NULL -- Of the last batch that was committed.
) STRICT;
