-- A pin or reaction that was made while its message was being recalled stayed on it.
UPDATE message SET pinned = 0 WHERE pinned > 0 AND status IN (1, 3);
DELETE FROM reaction WHERE EXISTS (
    SELECT 1 FROM message AS m
    WHERE m.low = reaction.low AND m.high = reaction.high AND m.seq = reaction.seq AND m.status IN (1, 3)
);
