-- Transfers go through channels to their operator; until now there was one, the sandbox's: 1.
ALTER TABLE transfer ADD COLUMN channel INTEGER NOT NULL DEFAULT 0
    CHECK (channel BETWEEN 0 AND 255); -- Through which it goes; 0: none was chosen yet.
ALTER TABLE transfer ADD COLUMN channel_attempt INTEGER NOT NULL DEFAULT 0; -- The attempt that it was chosen for.
ALTER TABLE transfer ADD COLUMN in_hand INTEGER NOT NULL DEFAULT 0
    CHECK (in_hand BETWEEN 0 AND 2); -- For what a worker has it: enum transfer_step.
ALTER TABLE transfer ADD COLUMN called_back INTEGER NOT NULL DEFAULT 0; -- 1: since it was claimed last.
ALTER TABLE transfer ADD COLUMN wait_ms INTEGER NOT NULL DEFAULT 0; -- For a down operator; 0: no limit.
ALTER TABLE transfer ADD COLUMN wait_until_ms INTEGER NOT NULL DEFAULT 0; -- Until when that is; 0 also before.
ALTER TABLE merchant ADD COLUMN operator_wait_ms INTEGER NOT NULL DEFAULT 0; -- For lots that say nothing; 0: no limit.
-- Whatever a worker ever took may have left through it.
UPDATE transfer SET channel = 1, channel_attempt = 1 WHERE attempts > 0;
