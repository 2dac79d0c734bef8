/** SQL of people: codes, registrations, players, cards, holds. */
import type { SealedEnvelope } from '#ledger/node/envelope-vault.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Player, RiskHold } from './identity.ts';

export type PlayerRow = {
  readonly acct: string;
  readonly display_name: string;
  readonly level: 'R1' | 'R2' | 'R3';
  readonly birth_date: string;
  readonly has_recovery: boolean;
  readonly is_demonstration: boolean;
  readonly holds: readonly { readonly code: string; readonly until: string }[] | null;
  readonly has_open_aml_case: boolean;
};

/** Columns of a `PlayerRow` from `identity.players p`; `now` leaves out the holds that have ended. A case names whom its alert is about, whom it
 *  restricts, or whose identity it asks for. */
export function playerColumns(sql: Sql | Tx, now: Instant) {
  return sql`p.acct, p.display_name, p.level, to_char(p.birth_date, 'YYYY-MM-DD') as birth_date, p.has_recovery, p.is_demonstration,
    (select jsonb_agg(jsonb_build_object('code', h.code, 'until', to_char(h.until at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
      from identity.risk_holds h where h.acct = p.acct and h.until > ${new Date(now)}) as holds,
    exists (select from cases.cases c where c.topic = 'laundering' and c.state <> 'closed' and (
      exists (select from surveillance.alerts a where c.source = 'alert' and a.alert_id = c.source_id and a.account_refs ? p.acct)
      or exists (select from cases.freezes f where f.case_id = c.case_id and f.holder = p.acct)
      or exists (select from cases.openings o where o.case_id = c.case_id and o.subject = p.acct)))
    or exists (select from identity.list_reviews l where l.acct = p.acct and l.state <> 'released') as has_open_aml_case`;
}

export function playerOf(row: PlayerRow): Player {
  return {
    acct: parseAccountId(row.acct),
    displayName: row.display_name,
    level: row.level,
    birthDate: row.birth_date,
    hasRecovery: row.has_recovery,
    isDemonstration: row.is_demonstration,
    holds: (row.holds ?? []).map(({ code, until }) => ({ code, until: instant(Date.parse(until)) })),
    hasOpenAmlCase: row.has_open_aml_case,
  };
}

export async function findPlayer(sql: Sql, acct: AccountId, now: Instant): Promise<Player | null> {
  const [row] = await sql<PlayerRow[]>`select ${playerColumns(sql, now)} from identity.players p where p.acct = ${acct}`;
  return row === undefined ? null : playerOf(row);
}

export async function isClosed(sql: Sql | Tx, acct: AccountId): Promise<boolean> {
  const rows = await sql`select from identity.players where acct = ${acct} and closed_at is not null`;
  return rows.length > 0;
}

export async function listNames(sql: Sql, accts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, string>> {
  if (accts.length === 0) return new Map();
  const rows = await sql<{ acct: string; display_name: string }[]>`
    select acct, display_name from identity.players where acct = any(${[...accts]})`;
  return new Map(rows.map((row) => [parseAccountId(row.acct), row.display_name]));
}

/** Whoever has this id, or this name in any case; null: nobody. */
export async function findAcct(sql: Sql, idOrName: string): Promise<AccountId | null> {
  const [row] = await sql<{ acct: string }[]>`
    select acct from identity.players where acct = ${idOrName} or lower(display_name) = lower(${idOrName})`;
  return row === undefined ? null : parseAccountId(row.acct);
}

export type CodeRow = { readonly code_hash: Uint8Array; readonly expires_at: Date; readonly tries_left: number };

/** False when a code was sent to the number less than a minute ago. */
export async function insertCode(
  sql: Sql,
  code: { readonly phoneHash: Uint8Array; readonly codeHash: Uint8Array; readonly now: Instant; readonly expiresAt: Instant },
): Promise<boolean> {
  const rows = await sql`
    insert into identity.phone_codes as c (phone_hash, code_hash, sent_at, expires_at, tries_left)
    values (${code.phoneHash}, ${code.codeHash}, ${new Date(code.now)}, ${new Date(code.expiresAt)}, 5)
    on conflict (phone_hash) do update
      set code_hash = excluded.code_hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at, tries_left = 5
      where c.sent_at <= ${new Date(code.now - 60_000)}
    returning 1`;
  return rows.length === 1;
}

/** Takes one try. `null`: no code, or it is too old. */
export async function takeTry(sql: Sql, phoneHash: Uint8Array, now: Instant): Promise<CodeRow | null> {
  const [row] = await sql<CodeRow[]>`
    with before as (select * from identity.phone_codes where phone_hash = ${phoneHash} and expires_at > ${new Date(now)} for update),
      taken as (update identity.phone_codes c set tries_left = greatest(c.tries_left - 1, 0) from before b where c.phone_hash = b.phone_hash)
    select code_hash, expires_at, tries_left from before`;
  return row ?? null;
}

export async function deleteCode(sql: Sql, phoneHash: Uint8Array): Promise<void> {
  await sql`delete from identity.phone_codes where phone_hash = ${phoneHash}`;
}

const plain = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

export type Registration = {
  readonly registrationId: string;
  readonly phoneHash: Uint8Array;
  readonly personHash: Uint8Array;
  readonly birthDate: string;
  readonly commitment: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
  readonly provider: string;
  readonly verifiedAt: Instant;
  /** What the lists said with the real name; null: they were not asked. */
  readonly screened: 'clear' | 'listed' | null;
  /** For supervisors; AccountOpen names it. */
  readonly envelope: SealedEnvelope;
};

export async function insertRegistration(sql: Sql | Tx, r: Registration, expiresAt: Instant): Promise<void> {
  await sql`
    insert into identity.registrations (registration_id, phone_hash, person_hash, birth_date, commitment, nonce, sealed, provider, verified_at,
      env_hash, env_ref, envelope, screened, expires_at)
    values (${r.registrationId}, ${r.phoneHash}, ${r.personHash}, ${r.birthDate}, ${r.commitment}, ${r.nonce}, ${r.sealed}, ${r.provider},
      ${new Date(r.verifiedAt)}, ${r.envelope.hash}, ${r.envelope.ref}, ${r.envelope.bytes}, ${r.screened},
      ${new Date(expiresAt)})`;
  await sql`delete from identity.registrations where expires_at < ${new Date(r.verifiedAt)}`;
}

export async function findRegistration(sql: Sql, registrationId: string, now: Instant): Promise<Registration | null> {
  const [row] = await sql<
    {
      phone_hash: Uint8Array;
      person_hash: Uint8Array;
      birth_date: string;
      commitment: Uint8Array;
      nonce: Uint8Array;
      sealed: Uint8Array;
      provider: string;
      verified_at: Date;
      env_hash: Uint8Array;
      env_ref: Uint8Array;
      envelope: Uint8Array;
      screened: Registration['screened'];
    }[]
  >`
    select phone_hash, person_hash, to_char(birth_date, 'YYYY-MM-DD') as birth_date, commitment, nonce, sealed, provider, verified_at,
      env_hash, env_ref, envelope, screened
    from identity.registrations where registration_id = ${registrationId} and expires_at > ${new Date(now)}`;
  if (row === undefined) return null;
  return {
    registrationId,
    screened: row.screened,
    phoneHash: row.phone_hash,
    personHash: row.person_hash,
    birthDate: row.birth_date,
    commitment: row.commitment,
    nonce: row.nonce,
    sealed: row.sealed,
    provider: row.provider,
    verifiedAt: instant(row.verified_at.getTime()),
    envelope: { hash: plain(row.env_hash), ref: plain(row.env_ref), bytes: plain(row.envelope) },
  };
}

export type TakenField = 'phone_taken' | 'id_number_taken' | 'display_name_taken';

/** What would make a second account of one person, or of one name; the unique indexes have the last word. */
export async function findTaken(
  sql: Sql,
  given: { readonly phoneHash?: Uint8Array; readonly personHash?: Uint8Array; readonly displayName?: string },
): Promise<TakenField | null> {
  const [row] = await sql<{ phone: boolean; person: boolean; name: boolean }[]>`
    select
      exists (select from identity.players where phone_hash = ${given.phoneHash ?? null}) as phone,
      exists (select from identity.players where person_hash = ${given.personHash ?? null}) as person,
      exists (select from identity.players where lower(display_name) = lower(${given.displayName ?? null}::text)) as name`;
  if (row?.phone === true) return 'phone_taken';
  if (row?.person === true) return 'id_number_taken';
  return row?.name === true ? 'display_name_taken' : null;
}

export type NewPlayer = {
  readonly acct: AccountId;
  readonly displayName: string;
  readonly level: 'R1' | 'R2';
  readonly agreementVersion: string;
  readonly hasRecovery: boolean;
  readonly isDemonstration: boolean;
  readonly now: Instant;
  readonly registration: Registration;
  /** The record, sealed for the account it now belongs to. */
  readonly record: { readonly nonce: Uint8Array; readonly sealed: Uint8Array };
};

export async function insertPlayer(tx: Tx, player: NewPlayer): Promise<void> {
  const r = player.registration;
  await tx`
    insert into identity.players (acct, display_name, level, birth_date, agreement_version, phone_hash, person_hash, has_recovery, is_demonstration, created_at)
    values (${player.acct}, ${player.displayName}, ${player.level}, ${r.birthDate}, ${player.agreementVersion}, ${r.phoneHash}, ${r.personHash},
      ${player.hasRecovery}, ${player.isDemonstration}, ${new Date(player.now)})`;
  await tx`
    insert into identity.person_records (acct, commitment, nonce, sealed, verified_at, provider)
    values (${player.acct}, ${r.commitment}, ${player.record.nonce}, ${player.record.sealed}, ${new Date(r.verifiedAt)}, ${r.provider})`;
  await tx`delete from identity.registrations where registration_id = ${r.registrationId}`;
}

export async function findRecord(sql: Sql, acct: AccountId): Promise<{ readonly nonce: Uint8Array; readonly sealed: Uint8Array } | null> {
  const [row] = await sql<
    { nonce: Uint8Array; sealed: Uint8Array }[]
  >`select nonce, sealed from identity.person_records where acct = ${acct}`;
  return row ?? null;
}

export async function findCardDigits(sql: Sql, acct: AccountId): Promise<string | null> {
  const [row] = await sql<{ last_digits: string }[]>`select last_digits from identity.cards where acct = ${acct}`;
  return row?.last_digits ?? null;
}

type Sealed = { readonly nonce: Uint8Array; readonly sealed: Uint8Array };

export async function findCard(sql: Sql, acct: AccountId): Promise<Sealed | null> {
  const [row] = await sql<Sealed[]>`select nonce, sealed from identity.cards where acct = ${acct}`;
  return row ?? null;
}

/** What somebody declared for the enhanced check, oldest first. */
export async function listDeclarations(sql: Sql, acct: AccountId): Promise<readonly (Sealed & { readonly at: Instant })[]> {
  const rows = await sql<(Sealed & { at: Date })[]>`
    select at, nonce, sealed from identity.screenings where acct = ${acct} and sealed is not null and nonce is not null order by at`;
  return rows.map(({ at, nonce, sealed }) => ({ at: instant(at.getTime()), nonce, sealed }));
}

export type Screening = {
  readonly acct: AccountId;
  readonly at: Instant;
  readonly occasion: 'registration' | 'card' | 'enhanced' | 'seller' | 'withdrawal';
  readonly provider: string;
  readonly answer: 'clear' | 'listed';
  /** What was declared for the enhanced check. */
  readonly declared: { readonly nonce: Uint8Array; readonly sealed: Uint8Array } | null;
};

export async function insertScreening(tx: Tx, { acct, at, occasion, provider, answer, declared }: Screening): Promise<void> {
  await tx`
    insert into identity.screenings (acct, at, occasion, provider, answer, nonce, sealed)
    values (${acct}, ${new Date(at)}, ${occasion}, ${provider}, ${answer}, ${declared?.nonce ?? null}, ${declared?.sealed ?? null})`;
}

export async function raiseToEnhanced(tx: Tx, acct: AccountId): Promise<void> {
  await tx`update identity.players set level = 'R3' where acct = ${acct} and level = 'R2'`;
}

export async function insertCard(
  tx: Sql | Tx,
  card: {
    readonly acct: AccountId;
    readonly nonce: Uint8Array;
    readonly sealed: Uint8Array;
    readonly cardHash: Uint8Array | null;
    readonly lastDigits: string;
    readonly now: Instant;
  },
): Promise<void> {
  await tx`
    insert into identity.cards (acct, nonce, sealed, card_hash, last_digits, bound_at)
    values (${card.acct}, ${card.nonce}, ${card.sealed}, ${card.cardHash}, ${card.lastDigits}, ${new Date(card.now)})
    on conflict (acct) do update set nonce = excluded.nonce, sealed = excluded.sealed, card_hash = excluded.card_hash,
      last_digits = excluded.last_digits, bound_at = excluded.bound_at`;
  await tx`update identity.players set level = 'R2' where acct = ${card.acct} and level = 'R1'`;
}

export async function setRecovery(sql: Sql, acct: AccountId): Promise<void> {
  await sql`update identity.players set has_recovery = true where acct = ${acct}`;
}

export async function upsertHold(tx: Tx, acct: AccountId, hold: RiskHold): Promise<void> {
  await tx`
    insert into identity.risk_holds as h (acct, code, until) values (${acct}, ${hold.code}, ${new Date(hold.until)})
    on conflict (acct, code) do update set until = greatest(h.until, excluded.until)`;
}

/** Of an account that was closed at another market; 20 characters at most. */
export const closedName = (acct: string): string => `closed-${acct.slice(0, 12)}`;

/** Of an account that the ledger had before this market: what is known of its holder, and no more. */
export type RestoredPlayer = {
  readonly acct: AccountId;
  readonly displayName: string;
  readonly level: 'R1' | 'R2';
  readonly birthDate: string;
  readonly agreementVersion: string;
  readonly phoneHash: Uint8Array;
  readonly personHash: Uint8Array;
  readonly hasRecovery: boolean;
  readonly isDemonstration: boolean;
  readonly createdAt: Instant;
  /** The ledger says that the name was destroyed: the account had been closed long before. */
  readonly erasedAt: Instant | null;
  /** Null: the sealed identity could not be opened. */
  readonly record: {
    readonly commitment: Uint8Array;
    readonly nonce: Uint8Array;
    readonly sealed: Uint8Array;
    readonly verifiedAt: Instant;
    readonly provider: string;
  } | null;
  readonly card: { readonly nonce: Uint8Array; readonly sealed: Uint8Array; readonly lastDigits: string } | null;
};

export async function insertRestoredPlayer(tx: Tx, player: RestoredPlayer): Promise<void> {
  const { record, card } = player;
  const at = new Date(player.createdAt);
  const erasedAt = player.erasedAt === null ? null : new Date(player.erasedAt);
  await tx`
    insert into identity.players (acct, display_name, level, birth_date, agreement_version, phone_hash, person_hash, has_recovery, is_demonstration, created_at,
        closed_at, erased_at)
    values (${player.acct}, ${player.displayName}, ${player.level}, ${player.birthDate}, ${player.agreementVersion}, ${player.phoneHash}, ${player.personHash},
      ${player.hasRecovery}, ${player.isDemonstration}, ${at}, ${erasedAt}, ${erasedAt})`;
  if (record !== null) {
    await tx`
      insert into identity.person_records (acct, commitment, nonce, sealed, verified_at, provider)
      values (${player.acct}, ${record.commitment}, ${record.nonce}, ${record.sealed}, ${new Date(record.verifiedAt)}, ${record.provider})`;
  }
  if (card !== null) {
    await tx`
      insert into identity.cards (acct, nonce, sealed, last_digits, bound_at)
      values (${player.acct}, ${card.nonce}, ${card.sealed}, ${card.lastDigits}, ${at})`;
  }
}

/** Whose keys everybody knows: accounts of the demonstration. */
export async function listPublished(sql: Queryable, accts: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await query<{ acct: string }>(sql, 'select acct from identity.players where is_demonstration and acct = any($1)', [accts]);
  return new Set(rows.map(({ acct }) => acct));
}
