-- Certificates (ledger.md 20, product O-10): who is trusted, whose certificates are known, what was revoked. Trust is by SM3 of the DER; a row is
-- never changed but for its retirement, so that what was signed under it can be judged later.
create schema pki;

create function pki.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - 'retired_at' = to_jsonb(old) - 'retired_at' then
    return new;
  end if;
  raise exception '%.% keeps its rows; only retired_at may change', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;

create table pki.anchors (
  sm3 bytea primary key check (octet_length(sm3) = 32),
  der bytea not null,
  subject text not null,
  -- What the operator states on import; the built-in test root is not.
  is_licensed boolean not null,
  added_at timestamptz not null,
  retired_at timestamptz
);

create table pki.certificates (
  sm3 bytea primary key check (octet_length(sm3) = 32),
  der bytea not null,
  kind text not null check (kind in ('authority', 'signing', 'encryption', 'time_stamping')),
  purpose text not null check (purpose in ('authority', 'node', 'seal', 'staff', 'studio', 'time_stamp', 'other')),
  subject text not null,
  organisation text not null,
  serial text not null,
  public_key bytea not null check (octet_length(public_key) = 64),
  not_before timestamptz not null,
  not_after timestamptz not null,
  added_at timestamptz not null,
  -- Replaced: it signs nothing new and still proves what it signed.
  retired_at timestamptz
);
create index certificates_expiry on pki.certificates (not_after) where retired_at is null;

-- Which authority may name which role: the operator's cannot make a supervisor.
create table pki.grants (
  authority_sm3 bytea not null references pki.certificates (sm3),
  unit text not null,
  role text not null check (role in ('sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator', 'notary', 'studio')),
  organisation text not null,
  added_at timestamptz not null,
  primary key (authority_sm3, unit)
);

create table pki.crls (
  sm3 bytea primary key check (octet_length(sm3) = 32),
  der bytea not null,
  issuer text not null,
  this_update timestamptz not null,
  next_update timestamptz not null,
  added_at timestamptz not null
);
create index crls_issuer on pki.crls (issuer, this_update desc);

-- Said once per certificate and threshold, also after a restart.
create table pki.expiry_warnings (
  sm3 bytea not null references pki.certificates (sm3),
  days integer not null,
  warned_at timestamptz not null,
  primary key (sm3, days)
);

create trigger anchors_keep before update or delete on pki.anchors for each row execute function pki.refuse_change();
create trigger certificates_keep before update or delete on pki.certificates for each row execute function pki.refuse_change();
create trigger crls_keep before update or delete on pki.crls for each row execute function pki.refuse_change();

-- Serial numbers that the simulated time stamper has given: its own books, as an outside one would keep them.
create schema tsa;
create table tsa.tokens (
  serial bigint primary key generated always as identity,
  imprint bytea not null check (octet_length(imprint) = 32),
  gen_time timestamptz not null
);
