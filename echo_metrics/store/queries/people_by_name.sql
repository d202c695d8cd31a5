-- Every name in clear with its person: registered, or shown as a guest.
SELECT DISTINCT person_id, shown FROM person_identifier WHERE shown IS NOT NULL AND shown <> ''
