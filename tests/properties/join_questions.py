"""What may happen next in our own database, asked in one short query each: it is asked after every step."""

_FREE = "joined_into IS NULL AND not_before <= :now AND lease_until <= :now"
_SENDS = "SELECT 1 FROM outbox_writes WHERE lane_id = lanes.id AND state = 'sending'"

HAS_WORK = f"""
    SELECT EXISTS (SELECT 1 FROM inbox_events WHERE state = 'received')
        OR EXISTS (SELECT 1 FROM changes WHERE state = 'planned')
        OR EXISTS (SELECT 1 FROM lanes WHERE ready AND NOT dirty AND {_FREE})
"""
"""Something to transform or to validate."""

MAY_READ = f"SELECT EXISTS (SELECT 1 FROM lanes WHERE dirty AND {_FREE} AND NOT EXISTS ({_SENDS}))"
"""A lane to read."""

MAY_CLAIM = f"""
    SELECT EXISTS (
        SELECT 1 FROM outbox_writes AS row JOIN lanes ON lanes.id = row.lane_id
        WHERE row.side = :side AND row.state = 'waiting' AND row.not_before <= :now
            AND NOT dirty AND lanes.lease_until <= :now AND NOT EXISTS ({_SENDS})
    ) OR EXISTS (
        SELECT 1 FROM outbox_writes AS row
        WHERE row.side = :side AND row.state = 'sending'
            AND CASE WHEN row.unknown THEN row.not_before ELSE row.lease_until + :settle END <= :now
    )
"""
"""A write to send, or a lost one to look after."""
