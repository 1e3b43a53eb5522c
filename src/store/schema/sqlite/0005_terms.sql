-- What a merchant pays for its transfers, and how much it may send.
ALTER TABLE merchant ADD COLUMN fees TEXT NOT NULL DEFAULT ''; -- fee_table_read(); '': nothing.
ALTER TABLE merchant ADD COLUMN day_minor INTEGER NOT NULL DEFAULT 0; -- Most in a day; 0: no limit.
ALTER TABLE merchant ADD COLUMN month_minor INTEGER NOT NULL DEFAULT 0; -- Most in a month.
ALTER TABLE merchant ADD COLUMN receiver_day_minor INTEGER NOT NULL DEFAULT 0; -- To one person.
ALTER TABLE merchant ADD COLUMN receiver_month_minor INTEGER NOT NULL DEFAULT 0; -- To one person.
ALTER TABLE merchant ADD COLUMN receiver_hour_count INTEGER NOT NULL DEFAULT 0; -- Transfers to one.
ALTER TABLE merchant ADD COLUMN reserve_minor INTEGER NOT NULL DEFAULT 0; -- Stays available.
ALTER TABLE transfer ADD COLUMN fee_minor INTEGER NOT NULL DEFAULT 0; -- Held beside its amount.
ALTER TABLE lot ADD COLUMN fee_xof_minor INTEGER NOT NULL DEFAULT 0; -- Its transfers' fees.
ALTER TABLE lot ADD COLUMN fee_xaf_minor INTEGER NOT NULL DEFAULT 0; -- The same in XAF.
ALTER TABLE lot ADD COLUMN fee_gnf_minor INTEGER NOT NULL DEFAULT 0; -- The same in GNF.
ALTER TABLE lot ADD COLUMN fee_cdf_minor INTEGER NOT NULL DEFAULT 0; -- The same in CDF.

-- How much was sent lately: one row for a merchant and one for each of its receivers, however long
-- they go on; only where there is a limit.
CREATE TABLE usage (
    merchant    INTEGER NOT NULL, -- Who sent.
    msisdn      INTEGER NOT NULL, -- To whom; 0: to all together.
    currency    INTEGER NOT NULL, -- enum currency.
    hour        INTEGER NOT NULL, -- Hours since 1970, UTC: the last in which something was sent.
    hour_count  INTEGER NOT NULL CHECK (hour_count >= 0), -- Transfers in that hour.
    day         INTEGER NOT NULL, -- Days since 1970: the last ...
    day_minor   INTEGER NOT NULL CHECK (day_minor >= 0), -- ... and what was sent in it.
    month       INTEGER NOT NULL, -- Months since 1970: the last ...
    month_minor INTEGER NOT NULL CHECK (month_minor >= day_minor), -- ... and what was sent in it.
    PRIMARY KEY (merchant, msisdn, currency)
) STRICT, WITHOUT ROWID;
