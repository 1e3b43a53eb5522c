-- Several lanes, each of which any number of processes share.

-- How many of the lanes are in use. Changed only while nobody else has the store open.
CREATE TABLE lane_setting (
    lanes smallint NOT NULL CHECK (lanes IN (1, 2, 4, 8, 16)) -- Merchants are shared among so many.
);
INSERT INTO lane_setting (lanes) VALUES (4);

-- Each batch's transaction takes its lane's row at its begin, and holds it to its end.
DROP TABLE lane;
CREATE TABLE lane (
    number           smallint PRIMARY KEY CHECK (number BETWEEN 0 AND 15), -- Which lane.
    last_transfer    bigint NOT NULL, -- The last transfer's id that it gave; 0: none.
    last_at_ms       bigint NOT NULL, -- The time of its last batch: it never goes back.
    last_movement_id bigint NOT NULL, -- As the last ledger_head of this lane; 0: there is none.
    last_act_id      bigint NOT NULL, -- As its last act_head.
    movement_hash    bytea  NOT NULL CHECK (length(movement_hash) = 32), -- That head's.
    act_hash         bytea  NOT NULL CHECK (length(act_hash) = 32)       -- That one's.
) WITH (fillfactor = 10);

-- What each process that writes committed last in each lane: so it knows, after a commit whose
-- answer was lost. A process takes a new name when it opens the store.
CREATE TABLE lane_mark (
    lane      smallint NOT NULL REFERENCES lane, -- Where.
    at_ms     bigint NOT NULL, -- When, by its clock: old ones go.
    writer    bytea  NOT NULL, -- Who.
    batch_key bytea  NOT NULL, -- Of its last batch there that was committed; '' before the first.
    PRIMARY KEY (lane, writer)
) WITH (fillfactor = 10);

-- Every lane adds contradictions.
CREATE SEQUENCE contradiction_id OWNED BY contradiction.id;

-- Gives what is there to the lanes: each goes on with its own chains, lane 0 with those of a store
-- that had one lane (money/share.h), and all give ids behind those that are there. For a store that
-- was just brought here, too.
CREATE FUNCTION lanes_begin() RETURNS bigint LANGUAGE sql AS $$
    DELETE FROM lane_mark;
    DELETE FROM lane;
    INSERT INTO lane (number, last_transfer, last_at_ms, last_movement_id, last_act_id,
                      movement_hash, act_hash)
    SELECT number, coalesce((SELECT max(id) FROM transfer), 0),
           coalesce((SELECT at_ms FROM movement WHERE id = movements.last_movement_id), 0),
           coalesce(movements.last_movement_id, 0), coalesce(acts.last_act_id, 0),
           coalesce(movements.hash, decode(repeat('00', 32), 'hex')),
           coalesce(acts.hash, decode(repeat('00', 32), 'hex'))
      FROM generate_series(0, 15) AS number
      LEFT JOIN LATERAL (SELECT * FROM ledger_head
                          WHERE CASE WHEN last_movement_id < 1::bigint << 40 THEN 0
                                     ELSE last_movement_id & 15 END = number
                          ORDER BY last_movement_id DESC LIMIT 1) AS movements ON true
      LEFT JOIN LATERAL (SELECT * FROM act_head
                          WHERE CASE WHEN last_act_id < 1::bigint << 40 THEN 0
                                     ELSE last_act_id & 15 END = number
                          ORDER BY last_act_id DESC LIMIT 1) AS acts ON true;
    SELECT setval('contradiction_id', coalesce((SELECT max(id) FROM contradiction), 0) + 1, false);
$$;
SELECT lanes_begin();
