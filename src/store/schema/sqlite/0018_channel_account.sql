-- Which account with an operator each channel's number was first used for.
CREATE TABLE channel_account (
    channel     INTEGER PRIMARY KEY CHECK (channel BETWEEN 1 AND 255), -- Its number.
    connector   TEXT    NOT NULL, -- Which protocol.
    url         TEXT    NOT NULL, -- The operator's server.
    account     TEXT    NOT NULL, -- Who the platform is there.
    environment TEXT    NOT NULL, -- As the operator calls it.
    at_ms       INTEGER NOT NULL  -- When it was written down.
) STRICT;
