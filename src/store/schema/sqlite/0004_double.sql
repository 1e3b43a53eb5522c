-- Where a merchant wants it, the same amount to the same person again within a window waits for a
-- person's word.
ALTER TABLE merchant ADD COLUMN double_window_ms INTEGER NOT NULL DEFAULT 0; -- 0: it does not want it.
ALTER TABLE transfer ADD COLUMN watched INTEGER NOT NULL DEFAULT 0; -- 1: it wanted it when this came.
ALTER TABLE transfer ADD COLUMN suspected INTEGER NOT NULL DEFAULT 0; -- 1: it waits for that word.
ALTER TABLE transfer ADD COLUMN twin_of INTEGER NOT NULL DEFAULT 0; -- What it looked like; 0: nothing.
-- Only transfers of merchants that want it: nobody else pays for it.
CREATE INDEX transfer_watched ON transfer (merchant, msisdn, amount_minor, created_at_ms)
    WHERE watched = 1;
CREATE INDEX transfer_suspected ON transfer (merchant, id) WHERE suspected = 1;
