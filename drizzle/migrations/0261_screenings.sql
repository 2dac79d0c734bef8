-- Looks at the lists of persons, and what is declared for the enhanced check (product P-01, P-02): who was looked up when, and what came out.
create table identity.screenings (
  screening_no bigint generated always as identity primary key,
  acct text not null references identity.players (acct),
  at timestamptz not null,
  occasion text not null check (occasion in ('card', 'enhanced')),
  provider text not null,
  answer text not null check (answer in ('clear', 'listed')),
  -- Occupation and source of money as declared, sealed under the record key.
  nonce bytea,
  sealed bytea,
  check ((occasion = 'enhanced') = (nonce is not null)),
  check ((nonce is null) = (sealed is null))
);
create index screenings_acct on identity.screenings (acct, at);
create trigger screenings_append_only before update or delete on identity.screenings for each row execute function journal.refuse_change();
