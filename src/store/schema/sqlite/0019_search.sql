-- What persons look for in the console. The index grows with the table, at the end of each
-- merchant's part of it.
CREATE INDEX transfer_merchant ON transfer (merchant, id);
-- Two numbers of one person: the other one, which lists show this contact under; 0: none.
ALTER TABLE contact ADD COLUMN listed_under INTEGER NOT NULL DEFAULT 0;
