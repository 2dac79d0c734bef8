-- Who used which device, whether the session lives or not; and links by either account (rulebook 9.1).
create index sessions_of_device on identity.sessions (acct) where device_hash is not null;
create index facts_link_a on surveillance.facts ((body->>'a')) where kind = 'link';
create index facts_link_b on surveillance.facts ((body->>'b')) where kind = 'link';
