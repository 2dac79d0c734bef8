-- Who someone is. The ID number, the name and the phone number exist only inside `sealed` (AES-256-GCM); everything searchable is a keyed hash.
create schema identity;

create table identity.phone_codes (
  phone_hash bytea primary key check (length(phone_hash) = 32),
  code_hash bytea not null check (length(code_hash) = 32),
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  tries_left smallint not null check (tries_left between 0 and 5)
);

-- A person whose real name was verified and whose account is not opened yet: the browser signs AccountOpen over this commitment.
create table identity.registrations (
  registration_id text primary key,
  phone_hash bytea not null check (length(phone_hash) = 32),
  person_hash bytea not null check (length(person_hash) = 32),
  birth_date date not null,
  commitment bytea not null check (length(commitment) = 32),
  nonce bytea not null check (length(nonce) = 12),
  sealed bytea not null,
  provider text not null,
  verified_at timestamptz not null,
  expires_at timestamptz not null
);

create table identity.players (
  acct text primary key check (acct ~ '^[0-9a-f]{64}$'),
  display_name text not null check (length(display_name) between 2 and 20),
  level text not null check (level in ('R1', 'R2', 'R3')),
  birth_date date not null,
  agreement_version text not null,
  phone_hash bytea not null unique check (length(phone_hash) = 32),
  person_hash bytea not null unique check (length(person_hash) = 32),
  has_recovery boolean not null default false,
  is_demonstration boolean not null default false,
  created_at timestamptz not null
);
create unique index players_display_name on identity.players (lower(display_name));

-- Field set 3 of the ledger (`kyc`): the salts and values that open the commitment, sealed together with the phone number.
create table identity.person_records (
  acct text primary key references identity.players (acct),
  commitment bytea not null check (length(commitment) = 32),
  nonce bytea not null check (length(nonce) = 12),
  sealed bytea not null,
  verified_at timestamptz not null,
  provider text not null
);

create table identity.cards (
  acct text primary key references identity.players (acct),
  nonce bytea not null check (length(nonce) = 12),
  sealed bytea not null,
  last_digits text not null check (last_digits ~ '^[0-9]{4}$'),
  bound_at timestamptz not null
);

create table identity.risk_holds (
  acct text not null references identity.players (acct),
  code text not null,
  until timestamptz not null,
  primary key (acct, code)
);

-- A challenge is deleted by the one sign-in that uses it: single use does not depend on anybody's memory.
create table identity.challenges (
  challenge text primary key,
  issued_at timestamptz not null,
  expires_at timestamptz not null
);
create index challenges_expires_at on identity.challenges (expires_at);

create table identity.sessions (
  session_id text primary key,
  token_hash bytea not null unique check (length(token_hash) = 32),
  acct text not null references identity.players (acct),
  device text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index sessions_acct on identity.sessions (acct) where ended_at is null;

create table identity.staff_sessions (
  session_id text primary key,
  token_hash bytea not null unique check (length(token_hash) = 32),
  staff_id text not null,
  name text not null,
  role text not null,
  organisation text not null,
  certificate_serial text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  ended_at timestamptz
);

-- Each entry of a supervisor is recorded (product V-01).
create table identity.access_log (
  access_no bigint generated always as identity primary key,
  staff_id text not null,
  role text not null,
  certificate_serial text not null,
  act text not null,
  at timestamptz not null
);
