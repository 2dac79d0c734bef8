-- Accounts that their holders closed (product P-46): nobody signs in any more and the display name is gone; what the law asks to keep stays.
alter table identity.players add column closed_at timestamptz;
