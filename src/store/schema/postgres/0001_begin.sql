-- The first schema: what SQLite's has as of its number 15. Times are milliseconds since 1970,
-- amounts whole numbers of the currency's smallest unit. Numbers of states, kinds and currencies are
-- those of src/money's headers; 0 and 1 are no and yes. Texts are compared by their bytes.
-- Columns stand by their size, so that a row has no holes.

CREATE TABLE merchant (
    id                       bigint   PRIMARY KEY, -- Ten digits; the constant part of its lots' texts.
    lot_expiry_ms            bigint   NOT NULL, -- How long a lot may wait for its confirmation.
    last_lot                 bigint   NOT NULL, -- The code of its newest lot; 0: none yet.
    created_at_ms            bigint   NOT NULL, -- When it was made.
    double_window_ms         bigint   NOT NULL, -- The same amount again within it waits; 0: it does not.
    day_minor                bigint   NOT NULL, -- Most in a day; 0: no limit.
    month_minor              bigint   NOT NULL, -- Most in a month.
    receiver_day_minor       bigint   NOT NULL, -- To one person.
    receiver_month_minor     bigint   NOT NULL, -- To one person.
    receiver_hour_count      bigint   NOT NULL, -- Transfers to one.
    reserve_minor            bigint   NOT NULL, -- Stays available.
    approve_above_minor      bigint   NOT NULL, -- More needs two persons; 0: never.
    calls_per_minute         bigint   NOT NULL, -- 0: what the server says.
    password_before_until_ms bigint   NOT NULL, -- Until when the old password holds on; 0: there is none.
    secret_before_until_ms   bigint   NOT NULL, -- Until when the old secret key does.
    operator_wait_ms         bigint   NOT NULL, -- For lots that say nothing; 0: no limit.
    currency                 smallint NOT NULL, -- Its home currency.
    lang                     smallint NOT NULL, -- 0 fr, 1 en: for what goes out to it.
    suspended                smallint NOT NULL, -- 1: its logins and tokens are refused.
    token_query_only         smallint NOT NULL, -- 1: a token in a body or a header is refused.
    flat_reply               smallint NOT NULL, -- 1: contact and send answer single-nested.
    all_or_nothing           smallint NOT NULL, -- 1: one bad item refuses the whole lot.
    two_persons              smallint NOT NULL, -- 1: a settlement needs two.
    name                     text     NOT NULL, -- For people.
    apikey                   text     COLLATE "C" NOT NULL, -- What it logs in with.
    password_hash            text     NOT NULL, -- Of its API password: Argon2id.
    secret_key               text     NOT NULL, -- Signs its notifications; sealed.
    notify_url               text     NOT NULL, -- For items that name none; '' when there is none.
    ip_list                  text     NOT NULL, -- Addresses from which lots are confirmed at once.
    fees                     text     NOT NULL, -- fee_table_read(); '': nothing.
    confirm_mail             text     NOT NULL, -- Mail addresses; '': nobody.
    api_ip_list              text     NOT NULL, -- Its keys work from here; '': from everywhere.
    password_before          text     NOT NULL, -- The old password's hash.
    secret_before            text     NOT NULL  -- The old secret key, sealed.
);
CREATE UNIQUE INDEX merchant_apikey ON merchant (apikey);

CREATE TABLE account (
    number        bigint PRIMARY KEY, -- Merchant, kind, currency, operator: account_number().
    balance_minor bigint NOT NULL,    -- The sum of its movements.
    -- A merchant's own money (kinds 1 and 2) is never below zero, whoever writes it.
    CHECK (balance_minor >= 0 OR ((number >> 12) & 15) > 2)
) WITH (fillfactor = 50); -- Few rows that change with each batch: there is room beside them.

CREATE TABLE contact (
    merchant      bigint NOT NULL, -- Whose contact. No REFERENCES: the book has looked it up.
    msisdn        bigint NOT NULL, -- The clean number, with its country's prefix.
    lot           bigint NOT NULL, -- Of the request that made it.
    created_at_ms bigint NOT NULL, -- When it was made.
    prefix        text   NOT NULL, -- As first sent, like the rest.
    phone         text   NOT NULL, -- The number as sent.
    name          text   NOT NULL, -- Family name.
    surname       text   NOT NULL, -- First name.
    email         text   NOT NULL, -- '' when none was sent.
    PRIMARY KEY (merchant, msisdn)
);

CREATE TABLE lot (
    merchant        bigint   NOT NULL REFERENCES merchant, -- Whose lot.
    code            bigint   NOT NULL, -- Second and number in it: lot_text().
    first           bigint   NOT NULL, -- The id of its first transfer ...
    count           bigint   NOT NULL, -- ... and how many follow each other.
    total_xof_minor bigint   NOT NULL, -- What was accepted, by currency.
    total_xaf_minor bigint   NOT NULL, -- The same in XAF.
    total_gnf_minor bigint   NOT NULL, -- The same in GNF.
    total_cdf_minor bigint   NOT NULL, -- The same in CDF.
    fee_xof_minor   bigint   NOT NULL, -- Its transfers' fees.
    fee_xaf_minor   bigint   NOT NULL, -- The same in XAF.
    fee_gnf_minor   bigint   NOT NULL, -- The same in GNF.
    fee_cdf_minor   bigint   NOT NULL, -- The same in CDF.
    created_at_ms   bigint   NOT NULL, -- When it was accepted.
    expires_at_ms   bigint   NOT NULL, -- Until when it may be confirmed; 0 unless it waits.
    decided_at_ms   bigint   NOT NULL, -- When it left WAITING; 0 before.
    mails           integer  NOT NULL, -- How many were made for it.
    state           smallint NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum lot_state.
    listed          smallint NOT NULL, -- 1: from an address of ip_list.
    persons         smallint NOT NULL CHECK (persons BETWEEN 0 AND 2), -- How many have to confirm it.
    source          text     NOT NULL, -- The address it came from.
    sender          text     NOT NULL, -- Who sent it; '': the API's keys.
    hash            bytea    NOT NULL CHECK (length(hash) = 32), -- lot_hash_end().
    PRIMARY KEY (merchant, code)
);
-- Only lots that wait (state 1): all stay small, whatever the table's size.
CREATE INDEX lot_waiting ON lot (merchant, code) WHERE state = 1;
CREATE INDEX lot_waiting_all ON lot (code DESC, merchant) WHERE state = 1;
CREATE INDEX lot_expiry ON lot (expires_at_ms, merchant, code) WHERE state = 1;

CREATE TABLE transfer (
    id                 bigint   PRIMARY KEY, -- transfer_id_text(); grows with time: rows append.
    merchant           bigint   NOT NULL, -- Who pays. No REFERENCES: the book has looked it up.
    lot                bigint   NOT NULL, -- The code of its lot.
    msisdn             bigint   NOT NULL, -- The receiver's number, clean.
    amount_minor       bigint   NOT NULL CHECK (amount_minor > 0), -- What is sent.
    fee_minor          bigint   NOT NULL, -- Held beside its amount, or in it when the receiver pays.
    due_at_ms          bigint   NOT NULL, -- When its step is due; also the end of a worker's lease.
    created_at_ms      bigint   NOT NULL, -- When it was accepted.
    changed_at_ms      bigint   NOT NULL, -- When it changed last.
    submitted_at_ms    bigint   NOT NULL, -- When it first went to REC; 0 before.
    validated_at_ms    bigint   NOT NULL, -- When it went to VAL; 0 otherwise.
    twin_of            bigint   NOT NULL, -- What it looked like; 0: nothing.
    wait_ms            bigint   NOT NULL, -- How long it waits for a down operator; 0: no limit.
    wait_until_ms      bigint   NOT NULL, -- Until when that is; 0 also before.
    attempts           integer  NOT NULL, -- How often a worker took it.
    channel_attempt    integer  NOT NULL, -- The attempt that its channel was chosen for.
    notifications      integer  NOT NULL, -- How many were made.
    screenings         integer  NOT NULL, -- How many lines of screening it has.
    operator_number    smallint NOT NULL, -- Who pays it out: data/countries.csv.
    channel            smallint NOT NULL CHECK (channel BETWEEN 0 AND 255), -- Through which it goes; 0: none yet.
    in_hand            smallint NOT NULL CHECK (in_hand BETWEEN 0 AND 2), -- For what a worker has it: enum transfer_step.
    called_back        smallint NOT NULL, -- 1: its operator did since it was claimed last.
    currency           smallint NOT NULL, -- enum currency.
    confirmed          smallint NOT NULL, -- 1: its lot was confirmed.
    state              smallint NOT NULL CHECK (state BETWEEN 1 AND 5), -- enum transfer_state.
    reason             smallint NOT NULL, -- enum transfer_reason.
    step               smallint NOT NULL, -- What is to be done next: enum transfer_step.
    watched            smallint NOT NULL, -- 1: its merchant wanted doubles to be found.
    suspected          smallint NOT NULL, -- 1: it waits for a person's word.
    fee_payer          smallint NOT NULL CHECK (fee_payer IN (0, 1)), -- enum fee_payer.
    screening          smallint NOT NULL, -- How its name's screening stands: enum screening_state.
    client_id          text     COLLATE "C", -- The merchant's own id for it; NULL: none was sent.
    prefix             text     NOT NULL, -- The receiver's country, as sent.
    phone              text     NOT NULL, -- The receiver's number, as sent.
    notify_url         text     NOT NULL, -- Where its notifications go.
    operator_reference text     NOT NULL, -- The operator's own id; '' until known.
    CHECK ((step = 0) = (due_at_ms = 0))
) WITH (fillfactor = 85); -- Each row changes a few times.
-- Nobody is paid twice for one id. The one index beside the key that grows with the table.
CREATE UNIQUE INDEX transfer_client ON transfer (merchant, client_id) WHERE client_id IS NOT NULL;
-- Only transfers with something to be done; step 3, screening, is not the operators'.
CREATE INDEX transfer_due ON transfer (due_at_ms, id) WHERE step BETWEEN 1 AND 2;
CREATE INDEX transfer_screen ON transfer (due_at_ms, id) WHERE step = 3;
-- Those that wait for a person, and those of merchants that want doubles to be found.
CREATE INDEX transfer_watched ON transfer (merchant, msisdn, amount_minor, created_at_ms)
    WHERE watched = 1;
CREATE INDEX transfer_suspected ON transfer (merchant, id) WHERE suspected = 1;
CREATE INDEX transfer_matched ON transfer (merchant, id) WHERE screening = 2;

-- Merchants' endpoints, which are told of all their transfers besides each one's notify_url.
CREATE TABLE endpoint (
    merchant               bigint   NOT NULL, -- Whose.
    id                     bigint   NOT NULL UNIQUE, -- What its sealed secrets are bound to.
    secret_before_until_ms bigint   NOT NULL, -- Until when secret_before signs.
    created_at_ms          bigint   NOT NULL, -- When it was made.
    changed_at_ms          bigint   NOT NULL, -- Since when its state is what it is.
    failing_since_ms       bigint   NOT NULL, -- The first try that failed since one arrived; 0: there is none.
    day                    bigint   NOT NULL, -- Since 1970; of the two counts of a day.
    bad_day                bigint   NOT NULL, -- The last day that failed as a whole; 0: none.
    number                 integer  NOT NULL CHECK (number > 0), -- 1, 2, 3 ... of its merchant.
    failures               integer  NOT NULL, -- Tries that failed since one arrived.
    day_tries              integer  NOT NULL, -- All of that day.
    day_failures           integer  NOT NULL, -- Those that failed.
    mails                  integer  NOT NULL, -- How many were made for it.
    events                 integer  NOT NULL, -- Which changes it hears: ENDPOINT_EVENT.
    state                  smallint NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum endpoint_state.
    format                 smallint NOT NULL CHECK (format BETWEEN 1 AND 2), -- enum endpoint_format.
    url                    text     NOT NULL, -- Where it is.
    secret_key             text     NOT NULL, -- What signs, sealed.
    secret_before          text     NOT NULL, -- What signs beside it; '' when nothing does.
    PRIMARY KEY (merchant, number)
) WITH (fillfactor = 50);
-- Only those that are told and whose last try failed.
CREATE INDEX endpoint_failing ON endpoint (merchant, number) WHERE state = 1 AND failing_since_ms <> 0;

-- A notification is of a transfer, for its notify_url or an endpoint, about a change; and it waits
-- in a queue.
CREATE TABLE notification (
    transfer           bigint   NOT NULL, -- Whose change it tells.
    merchant           bigint   NOT NULL, -- Whose transfer.
    queue              bigint   NOT NULL, -- notification_queue_of_url(), or of an endpoint.
    due_at_ms          bigint   NOT NULL, -- When to send it; 0 unless it is due.
    created_at_ms      bigint   NOT NULL, -- When the change was made.
    ended_at_ms        bigint   NOT NULL, -- When it was delivered or given up; 0 before.
    validated_at_ms    bigint   NOT NULL, -- What it tells: the transfer as it was then.
    redelivered_at_ms  bigint   NOT NULL, -- When a person had it sent again the last time; 0: never.
    endpoint           integer  NOT NULL, -- Who is told; 0: the transfer's notify_url.
    number             integer  NOT NULL, -- Which change: 1, 2, 3 ... of its transfer.
    next_number        integer  NOT NULL, -- The one that waits for this; 0: none does.
    attempts           integer  NOT NULL, -- Tries so far.
    redeliveries       integer  NOT NULL, -- How often a person had it sent again.
    attempts_before    integer  NOT NULL CHECK (attempts_before <= attempts), -- Tries before that.
    state              smallint NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum notification_state.
    transfer_state     smallint NOT NULL, -- What it tells.
    confirmed          smallint NOT NULL, -- The same.
    reason             smallint NOT NULL, -- The same.
    operator_reference text     NOT NULL, -- The same.
    PRIMARY KEY (transfer, endpoint, number)
) WITH (fillfactor = 85);
-- Only those that are due (2): all of them, and each queue's; and those that were given up (4).
CREATE INDEX notification_due ON notification (due_at_ms, transfer, endpoint, number) WHERE state = 2;
CREATE INDEX notification_queue ON notification (queue, due_at_ms, transfer, endpoint, number)
    WHERE state = 2;
CREATE INDEX notification_dead ON notification (merchant, transfer, endpoint, number) WHERE state = 4;

CREATE TABLE delivery (
    transfer    bigint   NOT NULL, -- With endpoint and number: which notification.
    at_ms       bigint   NOT NULL, -- When the try began.
    duration_ms bigint   NOT NULL, -- How long it took.
    endpoint    integer  NOT NULL, -- As above.
    number      integer  NOT NULL, -- As above.
    attempt     integer  NOT NULL, -- 1, 2, 3 ... of that notification.
    http_status integer  NOT NULL, -- The answer's; 0: there was none.
    error       text     NOT NULL, -- Why there was none; '' otherwise.
    PRIMARY KEY (transfer, endpoint, number, attempt)
);

CREATE TABLE funding (
    merchant     bigint   NOT NULL REFERENCES merchant, -- Whose money.
    amount_minor bigint   NOT NULL CHECK (amount_minor > 0), -- How much.
    at_ms        bigint   NOT NULL, -- When.
    kind         smallint NOT NULL, -- enum movement_kind: a top-up or a withdrawal.
    currency     smallint NOT NULL, -- enum currency.
    reference    text     COLLATE "C" NOT NULL, -- What the platform's people call it.
    PRIMARY KEY (merchant, reference)
);

CREATE TABLE movement (
    id           bigint   PRIMARY KEY, -- 1, 2, 3 ... without a gap.
    from_account bigint   NOT NULL, -- account_number().
    to_account   bigint   NOT NULL, -- account_number().
    amount_minor bigint   NOT NULL CHECK (amount_minor > 0), -- What went from one to the other.
    merchant     bigint   NOT NULL, -- Whose doing it was.
    reference    bigint   NOT NULL, -- The lot's code or the transfer's id; 0: neither.
    at_ms        bigint   NOT NULL, -- When.
    kind         smallint NOT NULL, -- enum movement_kind.
    currency     smallint NOT NULL  -- enum currency: both accounts'.
);

CREATE TABLE ledger_head (
    last_movement_id bigint PRIMARY KEY, -- The last movement of a batch.
    hash             bytea  NOT NULL CHECK (length(hash) = 32) -- Over the head before and them.
);

CREATE TABLE contradiction (
    id                 bigint   PRIMARY KEY, -- In order of arrival, without a gap.
    transfer           bigint   NOT NULL, -- Of which an operator said what can't be.
    at_ms              bigint   NOT NULL, -- When.
    closed_at_ms       bigint   NOT NULL DEFAULT 0, -- When a person closed it; 0: it is open.
    state              smallint NOT NULL, -- The transfer's, final: enum transfer_state.
    verdict            smallint NOT NULL, -- What was said: enum verdict.
    operator_reference text     NOT NULL, -- The operator's id for it; '' when it gave none.
    person             text     NOT NULL DEFAULT '', -- Who closed it.
    note               text     NOT NULL DEFAULT ''  -- What came of it.
);
CREATE INDEX contradiction_open ON contradiction (id) WHERE closed_at_ms = 0;
CREATE INDEX contradiction_transfer ON contradiction (transfer, id);

CREATE TABLE settlement (
    transfer bigint   NOT NULL, -- Whose outcome was decided on.
    at_ms    bigint   NOT NULL, -- When.
    number   integer  NOT NULL, -- 1, 2, 3 ... of its transfer.
    act      smallint NOT NULL CHECK (act BETWEEN 1 AND 8), -- enum settlement_act.
    outcome  smallint NOT NULL CHECK (outcome IN (1, 4, 5)), -- enum transfer_state.
    person   text     NOT NULL, -- Who; '' when an operator's answer came first.
    evidence text     NOT NULL, -- What for.
    PRIMARY KEY (transfer, number)
);
-- Only proposals: as many as persons ever made.
CREATE INDEX settlement_proposed ON settlement (transfer, number) WHERE act = 1;

CREATE TABLE screening (
    transfer bigint   NOT NULL, -- Whose receiver's name was asked about.
    at_ms    bigint   NOT NULL, -- When.
    number   integer  NOT NULL, -- 1, 2, 3 ... of its transfer.
    verdict  smallint NOT NULL CHECK (verdict BETWEEN 1 AND 3), -- enum screening_state.
    score    smallint NOT NULL CHECK (score BETWEEN 0 AND 100), -- How like it is.
    source   text     NOT NULL, -- Who answered.
    version  text     NOT NULL, -- Of the list, or the answer's reference.
    entry    text     NOT NULL, -- What the name is like; '' when it is like none.
    PRIMARY KEY (transfer, number)
);

-- How much was sent lately: one row for a merchant and one for each of its receivers, however long
-- they go on; only where there is a limit.
CREATE TABLE usage (
    merchant    bigint   NOT NULL, -- Who sent.
    msisdn      bigint   NOT NULL, -- To whom; 0: to all together.
    hour        bigint   NOT NULL, -- Hours since 1970, UTC: the last in which something was sent.
    hour_count  bigint   NOT NULL CHECK (hour_count >= 0), -- Transfers in that hour.
    day         bigint   NOT NULL, -- Days since 1970: the last ...
    day_minor   bigint   NOT NULL CHECK (day_minor >= 0), -- ... and what was sent in it.
    month       bigint   NOT NULL, -- Months since 1970: the last ...
    month_minor bigint   NOT NULL CHECK (month_minor >= day_minor), -- ... and what was sent in it.
    currency    smallint NOT NULL, -- enum currency.
    PRIMARY KEY (merchant, msisdn, currency)
) WITH (fillfactor = 85);

-- Mails to persons about lots: written with what they tell, sent later.
CREATE TABLE mail (
    merchant      bigint   NOT NULL, -- Whose lot.
    lot           bigint   NOT NULL, -- Its code.
    due_at_ms     bigint   NOT NULL, -- When it is to be sent; 0 unless it waits.
    created_at_ms bigint   NOT NULL, -- With its lot.
    ended_at_ms   bigint   NOT NULL, -- When it left WAITING; 0 before.
    number        integer  NOT NULL, -- 1, 2, 3 ... of its lot.
    tries         integer  NOT NULL, -- That ended.
    kind          smallint NOT NULL CHECK (kind > 0), -- enum mail_kind.
    state         smallint NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum mail_state.
    recipient     text     NOT NULL, -- One address.
    error         text     NOT NULL, -- Why the last try failed; '' when it did not.
    PRIMARY KEY (merchant, lot, number)
);
-- Only mails that wait (state 1), and those given up (3).
CREATE INDEX mail_due ON mail (due_at_ms, merchant, lot, number) WHERE state = 1;
CREATE INDEX mail_dead ON mail (created_at_ms) WHERE state = 3;

CREATE TABLE approval (
    merchant     bigint   NOT NULL, -- Whose lot was decided on.
    lot          bigint   NOT NULL, -- Its code.
    at_ms        bigint   NOT NULL, -- When.
    number       integer  NOT NULL, -- 1, 2, 3 ... of its lot.
    act          smallint NOT NULL CHECK (act BETWEEN 1 AND 4), -- enum approval_act.
    person       text     NOT NULL, -- Who; '' when its time ran out.
    from_address text     NOT NULL, -- From where; '' when that is unknown.
    PRIMARY KEY (merchant, lot, number)
);

-- What persons did: who, from where, what, to whom, and what was there before and after.
CREATE TABLE act (
    id       bigint   PRIMARY KEY, -- 1, 2, 3 ... without a gap.
    merchant bigint   NOT NULL, -- Whose affair; 0: the platform's.
    at_ms    bigint   NOT NULL, -- When.
    kind     smallint NOT NULL, -- enum act_kind.
    person   text     COLLATE "C" NOT NULL CHECK (person <> ''), -- Who.
    source   text     NOT NULL, -- The address that it came from; '' when there was none.
    request  text     NOT NULL, -- The request's id in the log.
    subject  text     NOT NULL, -- What it was done to: a lot, a transfer, a user.
    before   text     NOT NULL, -- JSON: what differs, as it was ...
    after    text     NOT NULL  -- ... and as it is. Never a secret.
);
CREATE INDEX act_merchant ON act (merchant, id);
CREATE INDEX act_person ON act (person, id);

CREATE TABLE act_head (
    last_act_id bigint PRIMARY KEY, -- The last act of a batch.
    hash        bytea  NOT NULL CHECK (length(hash) = 32) -- Over the head before and them.
);

-- Persons who may log in, and their sessions: the users of src/money.
CREATE TABLE person (
    id            bigint   NOT NULL UNIQUE, -- What its sealed secrets are bound to.
    merchant      bigint   NOT NULL, -- Whose; 0: the platform's.
    totp_step     bigint   NOT NULL, -- The last step whose code was used.
    created_at_ms bigint   NOT NULL, -- When it was made.
    failures      integer  NOT NULL, -- Failed logins since the last that did not fail.
    role          smallint NOT NULL CHECK (role BETWEEN 1 AND 5), -- enum user_role.
    totp_on       smallint NOT NULL, -- 1: the second factor is asked for.
    disabled      smallint NOT NULL, -- 1: it may not log in.
    must_change   smallint NOT NULL, -- 1: its password was given to it.
    name          text     COLLATE "C" PRIMARY KEY, -- What it logs in with.
    mail          text     NOT NULL, -- '' when there is none.
    password_hash text     NOT NULL, -- Argon2id.
    totp          text     NOT NULL, -- The second factor's secret, sealed; '' when there is none.
    recovery      text     NOT NULL, -- Hashes of the recovery codes that are left.
    CHECK ((role = 5) = (merchant = 0))
);
CREATE INDEX person_merchant ON person (merchant, name);

CREATE TABLE session (
    hash          bytea  PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of its token.
    created_at_ms bigint NOT NULL, -- When it began.
    seen_at_ms    bigint NOT NULL, -- When it was last used, about.
    ended_at_ms   bigint NOT NULL, -- 0: it is open, unless its time is over.
    person        text   COLLATE "C" NOT NULL REFERENCES person, -- Whose.
    source        text   NOT NULL  -- The address that logged in.
);
CREATE INDEX session_open ON session (person) WHERE ended_at_ms = 0;

-- Which channels to operators persons have switched off, or on again: the last word on each.
CREATE TABLE channel_switch (
    channel smallint PRIMARY KEY CHECK (channel BETWEEN 1 AND 255), -- Its number.
    off     smallint NOT NULL CHECK (off IN (0, 1)), -- 1: nothing is submitted through it.
    at_ms   bigint   NOT NULL, -- When.
    person  text     NOT NULL, -- Who said so.
    reason  text     NOT NULL  -- Why.
);

-- One lane writes here. Each batch's transaction holds this row from its begin to its end.
CREATE TABLE lane (
    id        bigint PRIMARY KEY CHECK (id = 1), -- The one row.
    epoch     bigint NOT NULL, -- Grows with each process that takes the lane: one of before commits no more.
    batch_key bytea  NOT NULL  -- Of the last batch that was committed.
) WITH (fillfactor = 10);
INSERT INTO lane (id, epoch, batch_key) VALUES (1, 0, '');

-- Rows that a batch changes were loaded a moment ago: one that is not there any more stops it.
CREATE FUNCTION rows_must_be(there bigint, wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF there <> wanted THEN
        RAISE EXCEPTION 'rows that were to be changed are not there: % of %', wanted - there, wanted;
    END IF;
    RETURN there;
END $$;

-- What was booked, said or done stays as it was, and never goes.
CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % never changes, and never goes', TG_TABLE_NAME;
END $$;
CREATE TRIGGER movement_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON movement EXECUTE FUNCTION stays();
CREATE TRIGGER ledger_head_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_head EXECUTE FUNCTION stays();
CREATE TRIGGER settlement_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement EXECUTE FUNCTION stays();
CREATE TRIGGER screening_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON screening EXECUTE FUNCTION stays();
CREATE TRIGGER approval_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON approval EXECUTE FUNCTION stays();
CREATE TRIGGER act_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON act EXECUTE FUNCTION stays();
CREATE TRIGGER act_head_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON act_head EXECUTE FUNCTION stays();
CREATE TRIGGER contradiction_stays BEFORE DELETE OR TRUNCATE ON contradiction EXECUTE FUNCTION stays();
CREATE TRIGGER endpoint_stays BEFORE DELETE OR TRUNCATE ON endpoint EXECUTE FUNCTION stays();
CREATE TRIGGER person_stays BEFORE DELETE OR TRUNCATE ON person EXECUTE FUNCTION stays();

-- A contradiction is closed once; a user stays who it is.
CREATE TRIGGER contradiction_closed BEFORE UPDATE ON contradiction FOR EACH ROW
    WHEN (old.closed_at_ms <> 0 OR new.closed_at_ms = 0 OR new.transfer <> old.transfer
        OR new.state <> old.state OR new.verdict <> old.verdict OR new.at_ms <> old.at_ms
        OR new.operator_reference <> old.operator_reference)
    EXECUTE FUNCTION stays();
CREATE TRIGGER person_moves BEFORE UPDATE ON person FOR EACH ROW
    WHEN (new.name <> old.name OR new.id <> old.id OR new.merchant <> old.merchant)
    EXECUTE FUNCTION stays();
