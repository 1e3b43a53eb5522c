-- Many processes divide the work (store/sharing.h): what is due is found by its shard, which comes of
-- its merchant's id or of its queue's number (store/shard.h).
DROP INDEX transfer_due;
DROP INDEX notification_due;
CREATE INDEX transfer_due ON transfer ((merchant & 15), due_at_ms, id) WHERE step BETWEEN 1 AND 2;
CREATE INDEX notification_due ON notification (((queue >> 6) & 15), due_at_ms, transfer, endpoint,
    number) WHERE state = 2;

-- The payoutd processes that there are. All times are by the database's clock.
CREATE TABLE process (
    id       bigint   PRIMARY KEY, -- Made by chance at its start.
    until_ms bigint   NOT NULL, -- Not heard of by then, it is gone.
    works    smallint NOT NULL CHECK (works IN (0, 1)), -- It takes work.
    keys     bytea    NOT NULL, -- What its keys hash to: all have the same.
    name     text     NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX process_until ON process (until_ms);

-- Whose each shard of each duty is.
CREATE TABLE lease (
    until_ms    bigint   NOT NULL DEFAULT 0, -- Whoever has it has it so long.
    holder      bigint   NOT NULL DEFAULT 0, -- Which process; 0: none.
    duty        smallint NOT NULL, -- enum duty.
    shard       smallint NOT NULL, -- 0 to 15; 0 of a duty that is not divided.
    holder_name text     NOT NULL DEFAULT '',
    PRIMARY KEY (duty, shard)
) WITH (fillfactor = 50);
CREATE INDEX lease_holder ON lease (holder);
INSERT INTO lease (duty, shard) SELECT duty, shard FROM generate_series(1, 2) AS duty,
    generate_series(0, 15) AS shard UNION ALL SELECT duty, 0 FROM generate_series(3, 5) AS duty;
