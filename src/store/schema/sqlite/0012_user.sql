-- Persons who may log in, and their sessions.
CREATE TABLE user (
    name          TEXT    PRIMARY KEY, -- What it logs in with.
    id            INTEGER NOT NULL UNIQUE, -- What its sealed secrets are bound to.
    merchant      INTEGER NOT NULL, -- Whose; 0: the platform's.
    role          INTEGER NOT NULL CHECK (role BETWEEN 1 AND 5), -- enum user_role.
    mail          TEXT    NOT NULL, -- '' when there is none.
    password_hash TEXT    NOT NULL, -- Argon2id.
    totp          TEXT    NOT NULL, -- The second factor's secret, sealed; '' when there is none.
    totp_on       INTEGER NOT NULL, -- 1: it is asked for.
    totp_step     INTEGER NOT NULL, -- The last step whose code was used.
    recovery      TEXT    NOT NULL, -- Hashes of the recovery codes that are left.
    disabled      INTEGER NOT NULL, -- 1: it may not log in.
    must_change   INTEGER NOT NULL, -- 1: its password was given to it.
    failures      INTEGER NOT NULL, -- Failed logins since the last that did not fail.
    created_at_ms INTEGER NOT NULL, -- When it was made.
    CHECK ((role = 5) = (merchant = 0))
) STRICT, WITHOUT ROWID;
CREATE INDEX user_merchant ON user (merchant, name);

CREATE TABLE session (
    hash          BLOB    PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of its token.
    user          TEXT    NOT NULL REFERENCES user, -- Whose.
    source        TEXT    NOT NULL, -- The address that logged in.
    created_at_ms INTEGER NOT NULL, -- When it began.
    seen_at_ms    INTEGER NOT NULL, -- When it was last used, about.
    ended_at_ms   INTEGER NOT NULL  -- 0: it is open, unless its time is over.
) STRICT, WITHOUT ROWID;
CREATE INDEX session_open ON session (user) WHERE ended_at_ms = 0;

-- Nobody who did something is forgotten, nor does a name go to another.
CREATE TRIGGER user_delete BEFORE DELETE ON user
    BEGIN SELECT RAISE(ABORT, 'a user never goes'); END;
CREATE TRIGGER user_move BEFORE UPDATE ON user
    WHEN new.name <> old.name OR new.id <> old.id OR new.merchant <> old.merchant
    BEGIN SELECT RAISE(ABORT, 'a user stays who it is'); END;
