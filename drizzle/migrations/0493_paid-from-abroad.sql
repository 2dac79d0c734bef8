-- The institution knows in which country the account on the other side of a transfer is kept: payments across the border have a line of their
-- own from which they are reported (rulebook CN-AML-03).
alter table psp.entries add column is_abroad boolean not null default false;
