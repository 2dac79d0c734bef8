/** SQL of what changes on a declared kind: cap, terms, art. Each is written in the database transaction that gives its entry a place. */
import type postgres from 'postgres';
import { artFiles, classArt, termChanges } from '#drizzle/schema/index.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
import type { ArtFile, ArtFormat, ArtType } from './art-format.ts';
import { TERM_COLUMNS, type TermColumns, type TermsOverTime, termsOverTime } from './class-terms.ts';
import type { ArtRow } from './list-rows.schema.ts';
import type { ClassTermsRow } from './rows.schema.ts';

type Sql = postgres.Sql | postgres.TransactionSql;

export type DeclaredClass = { readonly classId: string; readonly serial: number; readonly terms: TermsOverTime };

/** Of the studio's own. */
export async function findDeclaredClass(sql: Sql, acct: string, classId: string): Promise<DeclaredClass | null> {
  const [row] = await sql<(TermColumns & { ledger_serial: string })[]>`
    select c.ledger_serial::text, ${sql.unsafe(TERM_COLUMNS)} from catalogue.item_classes c where c.class_id = ${classId} and c.studio_acct = ${acct}`;
  return row === undefined ? null : { classId, serial: Number(row.ledger_serial), terms: termsOverTime(row) };
}

/** By the number that the ledger gave the kind; null for one that is not certified here. */
export async function findTermsOfSerial(sql: Sql, serial: number): Promise<TermsOverTime | null> {
  const [row] = await sql<TermColumns[]>`
    select ${sql.unsafe(TERM_COLUMNS)} from catalogue.item_classes c where c.ledger_serial = ${serial}`;
  return row === undefined ? null : termsOverTime(row);
}

export async function setSupplyCap(sql: Sql, classId: string, supplyCap: bigint): Promise<void> {
  await sql`update catalogue.item_classes set supply_cap = ${supplyCap.toString()}::bigint where class_id = ${classId}`;
}

export type TermChangeRow = {
  readonly classId: string;
  readonly txId: Uint8Array;
  readonly referenceId: string;
  readonly at: Instant;
  /** Null: the announcement before is taken back. */
  readonly from: Instant | null;
  readonly before: ClassTermsRow;
  readonly after: ClassTermsRow;
};

/** As the ledger does it: what is in force becomes the first terms, the announcement the next ones. */
export async function saveTermChange(sql: Sql, change: TermChangeRow): Promise<void> {
  const { before, after, from } = change;
  const next = from === null ? null : sql.json(after);
  await sql`
    update catalogue.item_classes set royalty_bps = ${before.royalty_bps}, fee_bps = ${before.fee_bps},
      publicity_hours = ${before.publicity_hours}, protection_hours = ${before.protection_hours},
      resale_wait_trading_days = ${before.resale_wait_trading_days}, collectible = ${before.is_collectible},
      giftable = ${before.is_giftable}, resalable = ${before.is_resalable}, mint_schedule = ${sql.json(before.mint_schedule)},
      smallest_offer_bps = ${before.smallest_offer_bps},
      next_terms = ${next}, next_terms_at = ${from === null ? null : toIso(from)}
    where class_id = ${change.classId}`;
  const { classId, txId, referenceId, at } = change;
  await orm(sql).insert(termChanges).values({ txId, classId, announcedAt: at, fromAt: from, before, after, referenceId });
}

export type NewArt = {
  readonly classId: string;
  readonly txId: Uint8Array;
  readonly referenceId: string;
  readonly at: Instant;
  readonly sm3: string;
  readonly mediaSm3: string;
  readonly format: ArtFormat;
  readonly bytes: Uint8Array;
};

/** The bytes once, whoever sent them; the kind shows them from now on. */
export async function saveArt(sql: Sql, art: NewArt): Promise<void> {
  const { classId, txId, referenceId, at, sm3, mediaSm3, format, bytes } = art;
  const { type: mediaType, width, height } = format;
  await orm(sql).insert(artFiles).values({ sm3, mediaType, width, height, bytes, storedAt: at }).onConflictDoNothing();
  await orm(sql).insert(classArt).values({ classId, sm3, mediaSm3, txId, setAt: at, referenceId });
  await sql`
    update catalogue.item_classes set art_sm3 = case when declared is null then ${sm3} end,
      declared = declared || jsonb_build_object('art_sm3', ${sm3}::text) where class_id = ${classId}`;
}

export async function findArtFile(sql: Sql, sm3: string): Promise<ArtFile | null> {
  const [row] = await sql<{ media_type: ArtType; bytes: Uint8Array }[]>`
    select media_type, bytes from catalogue.art_files where sm3 = ${sm3}`;
  return row === undefined ? null : { type: row.media_type, bytes: row.bytes };
}

/** What `/media` answers: a picture of hidden content is nowhere (rulebook CN-BC-02), the members keep their copies. */
export async function findShownArt(sql: Sql, sm3: string): Promise<ArtFile | null> {
  const [hidden] = await sql`
    select 1 from catalogue.class_art a join catalogue.item_classes c using (class_id) where a.sm3 = ${sm3} and c.declared is not null limit 1`;
  return hidden === undefined ? findArtFile(sql, sm3) : null;
}

/** The file of a list that a kind's `media` names; null: no market here made such a list. */
export async function findListedArt(
  sql: Sql,
  mediaSm3: string,
): Promise<{ readonly type: ArtType; readonly sm3: string; readonly size: number } | null> {
  const [row] = await sql<{ media_type: ArtType; sm3: string; size: number }[]>`
    select f.media_type, f.sm3, octet_length(f.bytes) as size
    from catalogue.class_art a join catalogue.art_files f using (sm3) where a.media_sm3 = ${mediaSm3} limit 1`;
  return row === undefined ? null : { type: row.media_type, sm3: row.sm3, size: row.size };
}

/** Newest first: what a kind looks like, and what it looked like before. */
export async function listArt(sql: Sql, classId: string): Promise<readonly ArtRow[]> {
  const rows = await sql<(Omit<ArtRow, 'set_at'> & { set_at: Date })[]>`
    select a.sm3, a.media_sm3, f.media_type, f.width, f.height, octet_length(f.bytes) as size, a.set_at, encode(a.tx_id, 'hex') as tx_id
    from catalogue.class_art a join catalogue.art_files f using (sm3) where a.class_id = ${classId} order by a.seq desc`;
  return rows.map((row) => ({ ...row, set_at: toIso(instant(row.set_at.getTime())) }));
}

/** After the members refused a change: the kind is as the changes that they did not refuse left it. Answers its id. */
export async function restoreClass(sql: Sql, serial: number, supplyCap: bigint): Promise<string | null> {
  const [row] = await sql<{ class_id: string }[]>`
    update catalogue.item_classes c set supply_cap = nullif(${supplyCap.toString()}::bigint, 0),
      (next_terms, next_terms_at) = (
        select case when t.from_at is not null then t.after end, t.from_at from (select) as one left join lateral (
          select n.after, n.from_at from catalogue.term_changes n join ledger.ledger_txs x using (tx_id)
          where n.class_id = c.class_id and x.status <> 'refused' order by x.seq desc limit 1) t on true),
      (art_sm3, declared) = (
        select case when c.declared is null then a.sm3 end, c.declared || jsonb_build_object('art_sm3', a.sm3)
        from (select) as one left join lateral (
          select a.sm3 from catalogue.class_art a join ledger.ledger_txs x using (tx_id)
          where a.class_id = c.class_id and x.status <> 'refused' order by a.seq desc limit 1) a on true)
    where c.ledger_serial = ${serial} returning c.class_id`;
  return row?.class_id ?? null;
}

/** LedgerTx that were refused, as bytes: after a start, what nobody listened to. */
export async function listRefusedEnvs(sql: Sql): Promise<readonly Uint8Array[]> {
  const rows = await sql<{ env: Uint8Array }[]>`select env from ledger.ledger_txs where status = 'refused' and env is not null`;
  return rows.map((row) => row.env);
}
