-- What operators called about and could not be placed, for persons to look at.
CREATE TABLE callback (
    id          bigint   PRIMARY KEY, -- Grows: the newest is the greatest. The oldest go.
    first_at_ms bigint   NOT NULL, -- When it came first.
    last_at_ms  bigint   NOT NULL, -- When the same came last.
    times       bigint   NOT NULL, -- How often.
    channel     smallint NOT NULL CHECK (channel BETWEEN 1 AND 255), -- Whose door it came to.
    hash        bytea    NOT NULL, -- Of its body as it came: SHA-256.
    reference   text     NOT NULL, -- What it says that it is about; '' when nothing.
    why         text     NOT NULL, -- It could not be placed.
    body        text     NOT NULL  -- What it said, as far as there was room.
);
CREATE UNIQUE INDEX callback_hash ON callback (channel, hash);
