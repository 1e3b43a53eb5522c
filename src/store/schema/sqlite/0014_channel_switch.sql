-- Which channels to operators persons have switched off, or on again: the last word on each.
CREATE TABLE channel_switch (
    channel INTEGER PRIMARY KEY CHECK (channel BETWEEN 1 AND 255), -- Its number.
    off     INTEGER NOT NULL CHECK (off IN (0, 1)), -- 1: nothing is submitted through it.
    person  TEXT    NOT NULL, -- Who said so.
    reason  TEXT    NOT NULL, -- Why.
    at_ms   INTEGER NOT NULL  -- When.
) STRICT;
