-- LedgerTx that wait for the signature of a supervisor whose key this market does not hold: the bytes, what they are about, until when.
create table compliance.co_signatures (
  co_sign_id text primary key check (co_sign_id ~ '^cos_[0-9a-f]{32}$'),
  kind text not null check (kind in ('experiment_step', 'pack_activation', 'studio_account')),
  -- The experiment, proposal or application.
  subject_id text not null,
  -- Of an experiment; else empty.
  step text not null,
  tx_id bytea not null check (length(tx_id) = 32),
  body bytea not null,
  -- With the signatures that it had when it was asked for; null: none yet.
  env bytea,
  about jsonb not null,
  -- What the LedgerTx names by hash, for whoever signs.
  paper jsonb not null,
  -- What the market needs to finish the step.
  intent jsonb not null,
  asked_by text not null,
  asked_at timestamptz not null,
  until timestamptz not null check (until > asked_at),
  state text not null check (state in ('waiting', 'signed', 'declined', 'ended')),
  answered_at timestamptz,
  -- The supervisor's account.
  signer text,
  signed_env bytea,
  -- Of a refusal to sign; of what ended without its step the sentence of `end_code`.
  reason text,
  end_code text,
  -- The step is taken.
  done_at timestamptz,
  check ((state = 'waiting') = (answered_at is null)),
  check ((state in ('declined', 'ended')) = (reason is not null) and (state = 'ended') = (end_code is not null)),
  check (state <> 'signed' or (signer is not null and signed_env is not null)),
  check (done_at is null or state = 'signed')
);
-- One request for one step at a time.
create unique index co_signatures_open on compliance.co_signatures (kind, subject_id, step)
  where state = 'waiting' or (state = 'signed' and done_at is null);
create index co_signatures_subject on compliance.co_signatures (kind, subject_id, asked_at desc);

-- What is asked for never changes, and an answer is given once.
create function compliance.guard_co_signature() returns trigger language plpgsql as $$
begin
  if old.state in ('declined', 'ended') or old.done_at is not null then
    raise exception 'request % is over', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  if (new.co_sign_id, new.kind, new.subject_id, new.step, new.tx_id, new.body, new.about, new.paper, new.intent, new.asked_by, new.asked_at, new.until)
     is distinct from
     (old.co_sign_id, old.kind, old.subject_id, old.step, old.tx_id, old.body, old.about, old.paper, old.intent, old.asked_by, old.asked_at, old.until)
     or new.env is distinct from old.env then
    raise exception 'request % cannot be rewritten', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  if old.state = 'signed' and (new.state not in ('signed', 'ended') or new.signed_env is distinct from old.signed_env or new.signer is distinct from old.signer) then
    raise exception 'request % is signed', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger co_signatures_guard before update on compliance.co_signatures for each row execute function compliance.guard_co_signature();
create trigger co_signatures_kept before delete on compliance.co_signatures for each row execute function journal.refuse_change();
