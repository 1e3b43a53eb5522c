-- What operators called about and could not be placed, for persons to look at.
CREATE TABLE callback (
    id          INTEGER PRIMARY KEY, -- Grows: the newest is the greatest. The oldest go.
    channel     INTEGER NOT NULL CHECK (channel BETWEEN 1 AND 255), -- Whose door it came to.
    hash        BLOB    NOT NULL, -- Of its body as it came: SHA-256.
    reference   TEXT    NOT NULL, -- What it says that it is about; '' when nothing.
    why         TEXT    NOT NULL, -- It could not be placed.
    body        TEXT    NOT NULL, -- What it said, as far as there was room.
    first_at_ms INTEGER NOT NULL, -- When it came first.
    last_at_ms  INTEGER NOT NULL, -- When the same came last.
    times       INTEGER NOT NULL  -- How often.
) STRICT;
CREATE UNIQUE INDEX callback_hash ON callback (channel, hash);
