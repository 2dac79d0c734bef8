-- Acts of officials (freezes, halts, openings, judgements, reversals) wait for their office's signature too, and a judgement for the court's
-- beside it: while it waits, signatures may be added to what it had.
alter table compliance.co_signatures drop constraint co_signatures_kind_check;
alter table compliance.co_signatures add constraint co_signatures_kind_check
  check (kind in ('experiment_step', 'pack_activation', 'studio_account', 'case_act'));

create or replace function compliance.guard_co_signature() returns trigger language plpgsql as $$
begin
  if old.state in ('declined', 'ended') or old.done_at is not null then
    raise exception 'request % is over', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  if (new.co_sign_id, new.kind, new.subject_id, new.step, new.tx_id, new.body, new.about, new.paper, new.intent, new.asked_by, new.asked_at, new.until)
     is distinct from
     (old.co_sign_id, old.kind, old.subject_id, old.step, old.tx_id, old.body, old.about, old.paper, old.intent, old.asked_by, old.asked_at, old.until)
     then
    raise exception 'request % cannot be rewritten', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  if new.env is distinct from old.env and (old.state <> 'waiting' or new.state <> 'waiting' or new.env is null) then
    raise exception 'request % cannot be rewritten', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  if old.state = 'signed' and (new.state not in ('signed', 'ended') or new.signed_env is distinct from old.signed_env or new.signer is distinct from old.signer) then
    raise exception 'request % is signed', old.co_sign_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
