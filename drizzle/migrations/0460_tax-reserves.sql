-- The tax reserve of experiment X1 (rulebook 6.5, 6.6): a part of a seller's proceeds that the institution keeps in the seller's own
-- sub-account until a filing is proven or the statutory date is fifteen days past. `reserve:{acct}` here, the pot `tax` there.
alter table journal.accounts drop constraint accounts_account_id_check,
  add constraint accounts_account_id_check check (
    account_id in ('provider', 'fee', 'guarantee')
    or (split_part(account_id, ':', 1) in ('available', 'held', 'coming', 'withdrawing', 'royalty', 'reserve')
      and length(account_id) = length(split_part(account_id, ':', 1)) + 65 and account_id ~ '^[a-z]+:[0-9a-f]+$')
  );
alter table psp.accounts drop constraint accounts_pot_check,
  add constraint accounts_pot_check check (pot in ('free', 'held', 'pending', 'leaving', 'tax', 'bank'));
-- A sale gives its reserve once.
create unique index entries_reserve on journal.entries (trade_id) where kind = 'reserve';

-- What somebody says to have filed: the tax office's receipt. An answer is kept as it was given.
create table experiments.filing_proofs (
  proof_id text primary key check (proof_id ~ '^prf_[0-9a-f]{32}$'),
  acct text not null,
  tax text not null check (tax in ('vat', 'income')),
  month text not null check (month ~ '^\d{4}-\d\d$'),
  receipt_no text not null check (receipt_no ~ '^[0-9A-Z-]{8,40}$'),
  filed_on date not null,
  presented_at timestamptz not null,
  state text not null check (state in ('waiting', 'confirmed', 'refused')),
  asks integer not null default 0 check (asks >= 0),
  next_at timestamptz not null,
  decided_at timestamptz,
  -- The tax office by its name, or a supervisor's staff id.
  decided_by text,
  reason text,
  check ((state = 'waiting') = (decided_at is null)),
  check ((decided_at is null) = (decided_by is null)),
  check ((state = 'refused') = (reason is not null))
);
-- A receipt proves one return of one person, once.
create unique index filing_proofs_receipt on experiments.filing_proofs (receipt_no) where state <> 'refused';
create index filing_proofs_acct on experiments.filing_proofs (acct, tax, month);
create index filing_proofs_waiting on experiments.filing_proofs (next_at) where state = 'waiting';
create function experiments.keep_proof() returns trigger language plpgsql as $$
begin
  if old.state <> 'waiting' or (new.acct, new.tax, new.month, new.receipt_no, new.filed_on, new.presented_at)
     is distinct from (old.acct, old.tax, old.month, old.receipt_no, old.filed_on, old.presented_at) then
    raise exception 'proof % is kept as it was given', old.proof_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger filing_proofs_once before update on experiments.filing_proofs for each row execute function experiments.keep_proof();
create trigger filing_proofs_stay before delete on experiments.filing_proofs for each row execute function journal.refuse_change();

-- One part per return: income tax is due in the month after, VAT with its surtaxes in the next year. What is kept never changes; it comes free once.
create table experiments.reserves (
  trade_id text not null references market.trades,
  tax text not null check (tax in ('vat', 'income')),
  experiment_id text not null references experiments.experiments,
  acct text not null,
  month text not null check (month ~ '^\d{4}-\d\d$'),
  sold_on date not null,
  amount_fen bigint not null check (amount_fen > 0),
  -- [{ "id", "amountFen" }] of the newest assessment at that moment
  lines jsonb not null,
  kept_at timestamptz not null,
  due_on date not null,
  free_at timestamptz not null,
  freed_at timestamptz,
  cause text check (cause in ('filing', 'date', 'ended', 'left')),
  proof_id text references experiments.filing_proofs,
  primary key (trade_id, tax),
  check ((freed_at is null) = (cause is null)),
  check ((proof_id is not null) = (cause is not null and cause = 'filing'))
);
create index reserves_acct on experiments.reserves (acct, kept_at desc);
create index reserves_kept on experiments.reserves (free_at) where freed_at is null;
create function experiments.keep_reserve() returns trigger language plpgsql as $$
begin
  if old.freed_at is not null or new.freed_at is null or (new.acct, new.experiment_id, new.month, new.sold_on, new.amount_fen, new.lines, new.kept_at, new.due_on, new.free_at)
     is distinct from (old.acct, old.experiment_id, old.month, old.sold_on, old.amount_fen, old.lines, old.kept_at, old.due_on, old.free_at) then
    raise exception 'the reserve of % is free, or may only come free', old.trade_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger reserves_once before update on experiments.reserves for each row execute function experiments.keep_reserve();
create trigger reserves_stay before delete on experiments.reserves for each row execute function journal.refuse_change();

-- That the money is missing: the guardrail of X1. One for each sale.
create table experiments.liquidity_complaints (
  trade_id text primary key references market.trades,
  experiment_id text not null references experiments.experiments,
  acct text not null,
  at timestamptz not null,
  text text not null check (length(text) between 10 and 1000)
);
create trigger liquidity_complaints_stay before update or delete on experiments.liquidity_complaints for each row execute function journal.refuse_change();

-- The simulated tax office's own register. It knows of us only what is asked.
create schema simulated_tax_office;
create table simulated_tax_office.returns (
  receipt_no text primary key,
  taxpayer text not null,
  tax text not null,
  month text not null,
  filed_on date not null,
  knocks integer not null default 0
);
create index returns_taxpayer on simulated_tax_office.returns (taxpayer, tax, month);
