-- The EndorsementSet that a Vote was given on: a Seal must report at least that one (ledger.md 13.1). Empty with one member.
alter table ledger.votes add column endorsed bytea;
-- The SubmitPromise as it was signed: PCE of its fields.
alter table ledger.promises add column body bytea not null;
