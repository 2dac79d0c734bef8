-- Entries of officials are kept for the months that the pack in force says and deleted then: found by their time.
create index access_log_at on identity.access_log (at);
