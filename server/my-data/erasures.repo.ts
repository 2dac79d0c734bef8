/** SQL of destroying the real name of a closed account after the term of the law. */
import { type AccountId, accountIdBytes, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';

export type ClosedAccount = { readonly acct: AccountId; readonly closedAt: Instant };

/** Closed before, not erased, and named in nothing that is still worked on. */
export async function listDue(sql: Sql | Tx, closedBefore: Instant, now: Instant, limit: number): Promise<readonly ClosedAccount[]> {
  const rows = await sql<{ acct: string; closed_at: Date }[]>`
    select p.acct, p.closed_at from identity.players p
    where p.closed_at <= ${toIso(closedBefore)}::timestamptz and p.erased_at is null
      and not exists (select from cases.freezes f where f.holder = p.acct and f.state = 'active' and f.until > ${toIso(now)}::timestamptz)
      and not exists (select from cases.cases c where c.state <> 'closed' and (
        exists (select from surveillance.alerts a where c.source = 'alert' and a.alert_id = c.source_id and a.account_refs ? p.acct)
        or exists (select from cases.freezes f where f.case_id = c.case_id and f.holder = p.acct)
        or exists (select from cases.openings o where o.case_id = c.case_id and o.subject = p.acct)))
    order by p.closed_at, p.acct limit ${limit}`;
  return rows.map(({ acct, closed_at: at }) => ({ acct: parseAccountId(acct), closedAt: instant(at.getTime()) }));
}

/** The entry whose leaves name the account first: its AccountOpen. Reads the whole log; asked where the account's last entry is another. */
export async function findOpeningEntry(sql: Sql, acct: AccountId): Promise<bigint | null> {
  const [row] = await sql<{ idx: string }[]>`
    select idx::text from ledger.entries where position(${accountIdBytes(acct)}::bytea in leaves) > 0 order by idx limit 1`;
  return row === undefined ? null : BigInt(row.idx);
}

export type Erasure = {
  readonly acct: AccountId;
  readonly txId: Uint8Array;
  readonly env: Uint8Array;
  readonly basisSm3: string;
  readonly basis: string;
  readonly askedAt: Instant;
};

/** A LedgerTx that the members refused gives way to the next. */
export async function saveErasure(tx: Tx, { acct, txId, env, basisSm3, basis, askedAt }: Erasure): Promise<void> {
  await tx`
    insert into identity.erasures (acct, tx_id, env_hash, basis_sm3, basis, asked_at)
    values (${acct}, ${txId}, ${env}, ${basisSm3}, ${basis}, ${toIso(askedAt)})
    on conflict (acct) do update set tx_id = excluded.tx_id, basis_sm3 = excluded.basis_sm3, basis = excluded.basis, asked_at = excluded.asked_at`;
}

/** What an entry names as its ground; anybody may read it. */
export async function findBasis(sql: Sql, basisSm3: string): Promise<string | null> {
  const [row] = await sql<{ basis: string }[]>`select basis from identity.erasures where basis_sm3 = ${basisSm3}`;
  return row?.basis ?? null;
}

export type Blank = { readonly phoneHash: Uint8Array; readonly personHash: Uint8Array; readonly birthDate: string };

/** Name, numbers, card and declarations; the row of the account stays, since dealings name it. */
export async function destroyPerson(tx: Tx, acct: AccountId, blank: Blank, at: Instant): Promise<void> {
  await tx`delete from identity.person_records where acct = ${acct}`;
  await tx`delete from identity.cards where acct = ${acct}`;
  await tx`delete from identity.sessions where acct = ${acct}`;
  await tx`
    update identity.players set erased_at = ${toIso(at)}, phone_hash = ${blank.phoneHash}, person_hash = ${blank.personHash},
      birth_date = ${blank.birthDate} where acct = ${acct}`;
  await tx`update identity.screenings set nonce = null, sealed = null where acct = ${acct} and sealed is not null`;
}
