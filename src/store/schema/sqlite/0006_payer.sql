-- Who pays what a transfer costs. fee_minor is held beside the amount when the merchant pays; when the
-- receiver does, it is in the amount, and not in its lot's fee_*_minor.
ALTER TABLE transfer ADD COLUMN fee_payer INTEGER NOT NULL DEFAULT 0
    CHECK (fee_payer IN (0, 1)); -- enum fee_payer. 0: the merchant; 1: the receiver.
