-- Studios that join (product T-01): what they said, signed by the key of their certificate, and where it stands.
create table studio.applications (
  application_id text primary key check (application_id ~ '^app_[0-9a-f]{32}$'),
  acct text not null unique references studio.studios,
  name_zh text not null,
  name_en text not null,
  credit_code text not null unique check (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  licences jsonb not null,
  payout jsonb not null,
  -- DER; its chain and lists are in `pki`.
  certificate bytea not null,
  -- False below a root that nobody has stated to be licensed.
  is_licensed boolean not null,
  signature bytea not null check (length(signature) = 64),
  state text not null check (state in ('applied', 'verified', 'active', 'suspended', 'refused')),
  reason text,
  applied_at timestamptz not null,
  verified_at timestamptz,
  -- When chain and lists are looked at again.
  recheck_at timestamptz
);
create index applications_recheck on studio.applications (recheck_at) where state in ('verified', 'active');

alter table cases.desk_steps drop constraint desk_steps_queue_check,
  add constraint desk_steps_queue_check check (queue in ('theft', 'objection', 'report', 'payout', 'break', 'studio'));
alter table cases.desk_steps drop constraint desk_steps_act_check,
  add constraint desk_steps_act_check check (act in ('noted', 'closed', 'frozen', 'upheld', 'false', 'verified', 'suspended'));

-- One authority certifies many studios: whom somebody speaks for stands in the certificate.
update pki.grants set organisation = '' where role = 'studio' and organisation = 'Demonstration Studio';
