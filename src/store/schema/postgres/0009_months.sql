-- Movements and deliveries lie in a table a month, so that what is old can be taken away whole.
-- What belongs to no month that there is goes to the tables "else": nothing fails for want of a
-- month. They must stay empty, months_make empties them and says how much was there.

-- A movement's id says nothing of its time: the key has both.
ALTER TABLE movement RENAME TO movement_else;
ALTER TABLE movement_else DROP CONSTRAINT movement_pkey;
CREATE TABLE movement (LIKE movement_else INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (id, at_ms)) PARTITION BY RANGE (at_ms);
ALTER TABLE movement ATTACH PARTITION movement_else DEFAULT;
CREATE TRIGGER movement_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON movement EXECUTE FUNCTION stays();

-- A transfer's id is its second times 26,000,000 and more (src/money/id.h): a month is a range.
ALTER TABLE delivery RENAME TO delivery_else;
ALTER INDEX delivery_pkey RENAME TO delivery_else_pkey;
CREATE TABLE delivery (LIKE delivery_else INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (transfer, endpoint, number, attempt)) PARTITION BY RANGE (transfer);
ALTER TABLE delivery ATTACH PARTITION delivery_else DEFAULT;

-- Makes the tables of one month, when they are not there.
CREATE FUNCTION month_make(month timestamp) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := to_char(month, 'YYYY_MM');
    begins bigint := extract(epoch FROM month);
    ends bigint := extract(epoch FROM month + interval '1 month');
BEGIN
    IF to_regclass('movement_' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE movement_%s PARTITION OF movement FOR VALUES FROM (%s) TO (%s)',
            name, begins * 1000, ends * 1000);
        EXECUTE format('CREATE TRIGGER movement_stays BEFORE UPDATE OR DELETE OR TRUNCATE'
            ' ON movement_%s EXECUTE FUNCTION stays()', name);
    END IF;
    IF to_regclass('delivery_' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE delivery_%s PARTITION OF delivery FOR VALUES FROM (%s) TO (%s)',
            name, begins * 26000000, ends * 26000000);
    END IF;
END $$;

-- Makes the tables of the month of now_ms and of the two after it, and of all that is in the tables
-- "else", which it empties; returns how many rows those held.
CREATE FUNCTION months_make(now_ms bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    today timestamp := date_trunc('month', to_timestamp(now_ms / 1000) AT TIME ZONE 'UTC');
    movements bigint := 0;
    deliveries bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('payoutd months of ' || current_schema(), 0));
    IF EXISTS (SELECT FROM movement_else) OR EXISTS (SELECT FROM delivery_else) THEN
        ALTER TABLE movement DETACH PARTITION movement_else;
        ALTER TABLE movement_else RENAME TO movement_homeless;
        ALTER TABLE delivery DETACH PARTITION delivery_else;
        ALTER TABLE delivery_else RENAME TO delivery_homeless;
        PERFORM month_make(date_trunc('month', to_timestamp(found.second) AT TIME ZONE 'UTC'))
            FROM (SELECT DISTINCT at_ms / 1000 / 86400 * 86400 AS second FROM movement_homeless
            UNION SELECT DISTINCT transfer / 26000000 / 86400 * 86400 FROM delivery_homeless) AS found;
        INSERT INTO movement SELECT * FROM movement_homeless ORDER BY id;
        GET DIAGNOSTICS movements = ROW_COUNT;
        INSERT INTO delivery SELECT * FROM delivery_homeless ORDER BY transfer;
        GET DIAGNOSTICS deliveries = ROW_COUNT;
        DROP TABLE movement_homeless, delivery_homeless;
        CREATE TABLE movement_else PARTITION OF movement DEFAULT;
        CREATE TRIGGER movement_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_else
            EXECUTE FUNCTION stays();
        CREATE TABLE delivery_else PARTITION OF delivery DEFAULT;
    END IF;
    FOR ahead IN 0..2 LOOP
        PERFORM month_make(today + ahead * interval '1 month');
    END LOOP;
    RETURN movements + deliveries;
END $$;
SELECT months_make((extract(epoch FROM now()) * 1000)::bigint);
