-- Which account with an operator each channel's number was first used for.
CREATE TABLE channel_account (
    channel     smallint PRIMARY KEY CHECK (channel BETWEEN 1 AND 255), -- Its number.
    at_ms       bigint   NOT NULL, -- When it was written down.
    connector   text     NOT NULL, -- Which protocol.
    url         text     NOT NULL, -- The operator's server.
    account     text     NOT NULL, -- Who the platform is there.
    environment text     NOT NULL  -- As the operator calls it.
);
