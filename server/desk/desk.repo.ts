/** Rows of the operator's queues. What has been closed at the desk is not in a queue any more. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { DeskAct, DeskOrder, DeskQueue } from '#sandbox/cases/desk-order.ts';
import type { Tx } from '#server/db.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export type ReportKind = 'item' | 'person' | 'theft';

export async function insertReport(
  tx: Tx,
  report: {
    readonly reportId: string;
    readonly kind: ReportKind;
    readonly subjectId: string;
    readonly reporter: string;
    readonly text: string;
    readonly at: Instant;
    readonly dueAt: Instant;
    readonly sworn: {
      readonly document: CaseDocument;
      readonly signature: Uint8Array;
      readonly proof: Readonly<Record<string, string>>;
    } | null;
  },
): Promise<boolean> {
  const rows = await query(
    tx,
    `insert into cases.reports (report_id, kind, subject_id, reporter, text, at, due_at, document, signature, proof)
     values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10::text::jsonb) on conflict do nothing returning 1`,
    [
      report.reportId,
      report.kind,
      report.subjectId,
      report.reporter,
      report.text,
      toIso(report.at),
      toIso(report.dueAt),
      report.sworn === null ? null : JSON.stringify(report.sworn.document),
      report.sworn?.signature ?? null,
      report.sworn === null ? null : JSON.stringify(report.sworn.proof),
    ],
  );
  return rows.length === 1;
}

export async function isSubject(tx: Tx, kind: ReportKind, subjectId: string): Promise<boolean> {
  const text =
    kind === 'person'
      ? 'select 1 from identity.players where acct = $1'
      : 'select 1 from custody.items where item_id = $1 and not is_burned';
  return (await query(tx, text, [subjectId])).length > 0;
}

/** Whether the item was theirs at some time. */
export async function hasHeld(tx: Tx, itemId: string, acct: string): Promise<boolean> {
  return (await query(tx, 'select 1 from custody.hops where item_id = $1 and to_acct = $2 limit 1', [itemId, acct])).length > 0;
}

export type EntryRow = {
  readonly queue: DeskQueue;
  readonly subject_id: string;
  readonly about: string;
  readonly kind: string;
  readonly name_zh: string | null;
  readonly name_en: string | null;
  readonly amount_fen: string | null;
  readonly text: string | null;
  readonly since: Date;
  readonly due_at: Date | null;
  /** Words and picture of its kind. */
  readonly is_hidden: boolean;
};
/** Everything that waits for the desk beside disputes. */
const ENTRIES = `
  select case when r.kind = 'theft' then 'theft' else 'report' end as queue, r.report_id as subject_id, r.subject_id as about, r.kind,
    c.name_zh, c.name_en, null::text as amount_fen, r.text, r.at as since, r.due_at
  from cases.reports r left join custody.items i on i.item_id = r.subject_id left join catalogue.item_classes c on c.class_id = i.class_id
  where r.closed_at is null
  union all
  select 'objection', o.objection_id, o.subject_id, case when o.subject_id like 'trd_%' then 'trade' else 'listing' end, c.name_zh, c.name_en,
    coalesce(t.gross_fen, l.price_fen * l.quantity)::text, o.text, o.at, o.due_at
  from cases.objections o left join market.trades t on t.trade_id = o.subject_id left join market.orders l on l.order_id = o.subject_id
  join catalogue.item_classes c on c.class_id = coalesce(t.class_id, l.class_id) where o.closed_at is null
  union all
  select 'hidden', c.class_id, c.class_id, 'content', c.declared ->> 'name_zh', c.declared ->> 'name_en', null,
    c.declared ->> 'description_en', s.at, null
  from catalogue.item_classes c
    join lateral (select max(s.at) as at from catalogue.content_steps s where s.class_id = c.class_id and s.act = 'hidden') s on true
  where c.declared is not null
  union all
  select 'payout', t.transfer_id, t.acct, coalesce(t.reason, 'failed'), null, null, t.amount_fen::text, null, t.ended_at, null
  from payments.transfers t where t.kind = 'withdrawal' and t.state = 'failed'
    and not exists (select from cases.desk_steps s where s.queue = 'payout' and s.subject_id = t.transfer_id and s.act = 'closed')
  union all
  select 'break', b.break_id, b.subject, b.kind, null, null, b.difference_fen::text, null, b.found_at, null
  from journal.breaks b where b.closed_at is null
    and not exists (select from cases.desk_steps s where s.queue = 'break' and s.subject_id = b.break_id and s.act = 'closed')
  union all
  select 'studio', a.application_id, a.credit_code, a.state, a.name_zh, a.name_en, null,
    concat_ws(' · ', case when a.is_licensed then 'licensed CA' else 'TEST CA, NOT LICENSED' end,
      (select string_agg(concat_ws(' ', l.name, l.number, l.issuer), '; ') from jsonb_to_recordset(a.licences) as l(name text, number text, issuer text)),
      concat_ws(' ', a.payout ->> 'holder', a.payout ->> 'bank', a.payout ->> 'number'), a.phone, a.reason),
    a.applied_at, case when a.state = 'applied' then null else a.recheck_at end
  from studio.applications a where a.state <> 'refused'`;

const ENTRY_SELECT = `
  select e.*, exists (select from custody.items i join catalogue.item_classes c using (class_id)
    where i.item_id = e.about and c.declared is not null) as is_hidden from (${ENTRIES}) e`;

export async function listEntries(sql: Queryable, limit: number): Promise<readonly EntryRow[]> {
  return query<EntryRow>(sql, `${ENTRY_SELECT} order by due_at nulls last, since limit $1::int`, [String(limit)]);
}
export async function findEntry(sql: Queryable, queue: DeskQueue, subjectId: string): Promise<EntryRow | null> {
  const [row] = await query<EntryRow>(sql, `${ENTRY_SELECT} where queue = $1 and subject_id = $2`, [queue, subjectId]);
  return row ?? null;
}
export async function findReporter(sql: Queryable, reportId: string): Promise<AccountId | null> {
  const [row] = await query<{ reporter: string }>(sql, 'select reporter from cases.reports where report_id = $1', [reportId]);
  return row === undefined ? null : parseAccountId(row.reporter);
}
export async function closeReport(tx: Tx, reportId: string, at: Instant): Promise<void> {
  await query(tx, 'update cases.reports set closed_at = $2 where report_id = $1 and closed_at is null', [reportId, toIso(at)]);
}

export type DeskStepRow = {
  readonly queue: DeskQueue;
  readonly subject_id: string;
  readonly act: DeskAct;
  readonly staff_id: string;
  readonly at: Date;
  readonly document: CaseDocument;
  readonly tx_id: string | null;
};
export async function listDeskSteps(sql: Queryable, subjectIds: readonly string[]): Promise<readonly DeskStepRow[]> {
  return query<DeskStepRow>(
    sql,
    `select queue, subject_id, act, staff_id, at, document, encode(tx_id, 'hex') as tx_id from cases.desk_steps where subject_id = any($1) order by at`,
    [subjectIds],
  );
}
export async function insertDeskStep(
  tx: Tx,
  step: {
    readonly order: DeskOrder;
    readonly staff: StaffSession;
    readonly at: Instant;
    readonly document: CaseDocument;
    readonly signature: Uint8Array;
    readonly txId: Uint8Array | null;
  },
): Promise<boolean> {
  const { order, staff } = step;
  const rows = await query(
    tx,
    `insert into cases.desk_steps (act_id, queue, subject_id, act, staff_id, certificate_serial, at, document, signature, tx_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10) on conflict do nothing returning 1`,
    [
      order.actId,
      order.queue,
      order.subjectId,
      order.act,
      staff.staffId,
      staff.certificateSerial,
      toIso(step.at),
      JSON.stringify(step.document),
      step.signature,
      step.txId,
    ],
  );
  return rows.length === 1;
}

export type PublicityRow = {
  readonly trade_id: string;
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly gross_fen: string;
  readonly deadline_at: Date;
};
export async function listPublicity(sql: Queryable, limit: number): Promise<readonly PublicityRow[]> {
  return query<PublicityRow>(
    sql,
    `select t.trade_id, c.name_zh, c.name_en, t.gross_fen, t.deadline_at from market.trades t join catalogue.item_classes c using (class_id)
     where t.state = 'publicity' order by t.deadline_at limit $1::int`,
    [String(limit)],
  );
}
