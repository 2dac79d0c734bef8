/** SQL of the console's kinds: one page of the studio's own, one of them, and what was announced of it. */
import type postgres from 'postgres';
import type { AccountId, ClassId } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import { TERM_COLUMNS, type TermColumns } from './class-terms.ts';
import type { ClassTermsRow } from './rows.schema.ts';

export type KindColumns = TermColumns & {
  readonly class_id: string;
  readonly class_ref: string;
  readonly ledger_serial: string;
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly picture: string;
  readonly rarity: string | null;
  readonly is_certified: boolean;
};

const KIND_SELECT = `
  select c.class_id, c.class_ref, c.ledger_serial::text, c.name_zh, c.name_en, c.picture, c.rarity, c.certified_at is not null as is_certified,
    ${TERM_COLUMNS}
  from catalogue.item_classes c where c.studio_acct = $1`;

export type KindsAsked = { readonly acct: AccountId; readonly text: string; readonly after: bigint; readonly limit: number };

/** In the order of their declaration, after a place; the text may stand anywhere in the names, the reference, category or type. */
export async function listKinds(sql: postgres.Sql, { acct, text, after, limit }: KindsAsked): Promise<readonly KindColumns[]> {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return query<KindColumns>(
    sql,
    `${KIND_SELECT} and c.ledger_serial > $2::bigint and (c.search_text like $3 or lower(c.class_ref) like $3)
     order by c.ledger_serial limit $4`,
    [acct, after.toString(), pattern, limit],
  );
}

export async function findKind(sql: postgres.Sql, acct: AccountId, classId: ClassId): Promise<KindColumns | null> {
  const [row] = await query<KindColumns>(sql, `${KIND_SELECT} and c.class_id = $2`, [acct, classId]);
  return row ?? null;
}

export type TermChangeColumns = {
  readonly tx_id: string;
  readonly announced_at: Date;
  readonly from_at: Date | null;
  readonly before: ClassTermsRow;
  readonly after: ClassTermsRow;
  /** Of its entry on the ledger. */
  readonly status: string;
};

/** Newest first. */
export async function listTermChanges(sql: postgres.Sql, classId: ClassId): Promise<readonly TermChangeColumns[]> {
  return query<TermChangeColumns>(
    sql,
    `select encode(n.tx_id, 'hex') as tx_id, n.announced_at, n.from_at, n.before, n.after, x.status
     from catalogue.term_changes n join ledger.ledger_txs x using (tx_id) where n.class_id = $1 order by x.seq desc limit 50`,
    [classId],
  );
}
