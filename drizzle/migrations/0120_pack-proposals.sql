-- Drafts of rule packs from proposal to activation (product V-18, V-19), with signatures, comments, and policy replays (rulebook 6.8).
create table compliance.pack_proposals (
  proposal_id text primary key check (proposal_id ~ '^prp_[0-9a-f]{32}$'),
  pack_id text not null,
  version text not null,
  pack_hash bytea not null check (length(pack_hash) = 32),
  -- The pack that it would follow.
  base_hash bytea not null check (length(base_hash) = 32),
  document jsonb not null,
  reason text not null check (length(reason) between 10 and 2000),
  -- Permits named paths to be loosened; null: none.
  authorization_document jsonb,
  mode text not null check (mode in ('NOTICE', 'TIGHTEN')),
  effective_from timestamptz not null,
  state text not null check (state in ('draft', 'public', 'activated', 'withdrawn')),
  created_by text not null,
  created_at timestamptz not null,
  published_at timestamptz,
  activated_at timestamptz,
  -- The entry on the ledger.
  tx_id bytea check (length(tx_id) = 32),
  unique (pack_hash),
  check ((state = 'activated') = (activated_at is not null) and (activated_at is null) = (tx_id is null)),
  check (state not in ('public', 'activated') or published_at is not null)
);
-- What is proposed never changes: another text is another proposal.
create function compliance.guard_proposal() returns trigger language plpgsql as $$
begin
  if old.state in ('activated', 'withdrawn') then
    raise exception 'proposal % is over', old.proposal_id using errcode = 'restrict_violation';
  end if;
  if new.pack_hash <> old.pack_hash or new.document <> old.document or new.mode <> old.mode or new.effective_from <> old.effective_from
     or new.reason <> old.reason or new.authorization_document is distinct from old.authorization_document then
    raise exception 'proposal % cannot be rewritten', old.proposal_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger pack_proposals_guard before update on compliance.pack_proposals for each row execute function compliance.guard_proposal();
create trigger pack_proposals_kept before delete on compliance.pack_proposals for each row execute function journal.refuse_change();

create table compliance.pack_signatures (
  proposal_id text not null references compliance.pack_proposals,
  role text not null check (role in ('operator', 'supervisor')),
  staff_id text not null,
  name text not null,
  organisation text not null,
  certificate_serial text not null,
  at timestamptz not null,
  primary key (proposal_id, role)
);
create trigger pack_signatures_append_only before update or delete on compliance.pack_signatures for each row execute function journal.refuse_change();

create table compliance.pack_comments (
  comment_id text primary key check (comment_id ~ '^cmt_[0-9a-f]{32}$'),
  proposal_id text not null references compliance.pack_proposals,
  at timestamptz not null,
  -- An account or a staff id.
  author text not null,
  text text not null check (length(text) between 1 and 2000)
);
create index pack_comments_proposal on compliance.pack_comments (proposal_id, at);
create trigger pack_comments_append_only before update or delete on compliance.pack_comments for each row execute function journal.refuse_change();

create table compliance.replays (
  replay_id text primary key check (replay_id ~ '^rpl_[0-9a-f]{32}$'),
  requested_by text not null,
  requested_at timestamptz not null,
  -- Period, draft by hash, options.
  request jsonb not null,
  draft jsonb not null,
  state text not null check (state in ('waiting', 'running', 'done', 'refused')),
  done integer not null default 0,
  total integer not null default 0,
  ended_at timestamptz,
  refusal jsonb,
  body jsonb,
  body_hash bytea check (length(body_hash) = 32),
  -- SM2 of the operator over the body's hash.
  signature bytea check (length(signature) = 64),
  rows jsonb,
  check ((state in ('done', 'refused')) = (ended_at is not null)),
  check ((state = 'done') = (body is not null and body_hash is not null and signature is not null)),
  check ((state = 'refused') = (refusal is not null))
);
create index replays_recent on compliance.replays (requested_at desc);
create function compliance.guard_replay() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'replay % is over', old.replay_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger replays_guard before update on compliance.replays for each row execute function compliance.guard_replay();
create trigger replays_kept before delete on compliance.replays for each row execute function journal.refuse_change();
