-- Two writers that both reach this line conflict on the one row; the loser rolls back.
UPDATE write_lock SET turn = turn + 1
