-- Who confirms a merchant's lots, and what keeps its doors.
ALTER TABLE merchant ADD COLUMN confirm_mail TEXT NOT NULL DEFAULT ''; -- Mail addresses; '': nobody.
ALTER TABLE merchant ADD COLUMN approve_above_minor INTEGER NOT NULL DEFAULT 0; -- More needs two persons; 0: never.
ALTER TABLE merchant ADD COLUMN api_ip_list TEXT NOT NULL DEFAULT ''; -- Its keys work from here; '': from everywhere.
ALTER TABLE merchant ADD COLUMN calls_per_minute INTEGER NOT NULL DEFAULT 0; -- 0: what the server says.
-- What it had before, and until when that holds on; 0: there is none.
ALTER TABLE merchant ADD COLUMN password_before TEXT NOT NULL DEFAULT ''; -- The old password's hash.
ALTER TABLE merchant ADD COLUMN password_before_until_ms INTEGER NOT NULL DEFAULT 0; -- Until when.
ALTER TABLE merchant ADD COLUMN secret_before TEXT NOT NULL DEFAULT ''; -- The old secret key.
ALTER TABLE merchant ADD COLUMN secret_before_until_ms INTEGER NOT NULL DEFAULT 0; -- Until when.
