/** SQL of cool-downs (rulebook CN-SV-06). */
import { type AccountId, type ClassId, type OrderId, parseAccountId, parseClassId, parseOrderId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type CoolDownRow = {
  readonly cool_down_id: string;
  readonly alert_id: string;
  readonly acct: string;
  readonly class_id: string;
  readonly name_zh: string | null;
  readonly name_en: string;
  readonly since: Date;
  readonly until: Date;
  readonly objection: string | null;
  readonly objected_at: Date | null;
  readonly lifted_at: Date | null;
  readonly lifted_by: string | null;
  readonly answer: string | null;
};
const SELECT = `select d.*, c.name_zh, coalesce(c.name_en, d.class_id) as name_en
  from compliance.cool_downs d left join catalogue.item_classes c using (class_id)`;

/** Who bought in these trades, and what. */
export async function listBuyers(
  tx: Tx,
  tradeIds: readonly string[],
): Promise<readonly { readonly trade_id: string; readonly acct: string; readonly class_id: string }[]> {
  return query(tx, 'select distinct trade_id, buyer as acct, class_id from market.trades where trade_id = any($1)', [tradeIds]);
}

export type NewCoolDown = Pick<CoolDownRow, 'cool_down_id' | 'alert_id' | 'acct' | 'class_id'>;

/** One per alert, person and kind: an alert that grows, or comes back after it was dismissed, begins none anew. @returns the new ones */
export async function insertCoolDowns(
  tx: Tx,
  rows: readonly NewCoolDown[],
  since: Instant,
  until: Instant,
): Promise<readonly Pick<CoolDownRow, 'cool_down_id' | 'alert_id' | 'acct' | 'class_id'>[]> {
  if (rows.length === 0) return [];
  const known = await query<{ cool_down_id: string }>(tx, 'select cool_down_id from compliance.cool_downs where cool_down_id = any($1)', [
    rows.map((row) => row.cool_down_id),
  ]);
  const ids = new Set(known.map((row) => row.cool_down_id));
  const fresh = rows.filter((row) => !ids.has(row.cool_down_id));
  await insertRows(
    tx,
    'compliance.cool_downs',
    fresh.map((row) => ({ ...row, since: toIso(since), until: toIso(until) })),
  );
  return fresh;
}

export type CoolDowns = ReadonlyMap<AccountId, ReadonlyMap<ClassId, Instant>>;

/** Of these accounts, those that run. */
export async function readCoolDowns(sql: Queryable, accts: readonly AccountId[], now: Instant): Promise<CoolDowns> {
  const cooling = new Map<AccountId, Map<ClassId, Instant>>();
  if (accts.length === 0) return cooling;
  const rows = await query<{ acct: string; class_id: string; until: Date }>(
    sql,
    'select acct, class_id, max(until) as until from compliance.cool_downs where acct = any($1) and until > $2 and lifted_at is null group by 1, 2',
    [accts, new Date(now)],
  );
  for (const row of rows) {
    const acct = parseAccountId(row.acct);
    cooling.set(acct, (cooling.get(acct) ?? new Map<ClassId, Instant>()).set(parseClassId(row.class_id), at(row.until)));
  }
  return cooling;
}

/** What is open of them in the kind; what is paid for outside is left to its end. */
export async function listOpenOfCooling(sql: Queryable, now: Instant, limit: number): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select distinct o.order_id from compliance.cool_downs d join market.orders o on o.acct = d.acct and o.class_id = d.class_id and o.ended_at is null
     where d.until > $1 and d.lifted_at is null
       and not exists (select from market.trades t where t.sell_order_id = o.order_id and t.state = 'reserved')
     order by o.order_id limit ${String(limit)}`,
    [new Date(now)],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}

export async function listCoolDownsOfAlert(sql: Queryable, alertId: string): Promise<readonly CoolDownRow[]> {
  return query<CoolDownRow>(sql, `${SELECT} where d.alert_id = $1 order by d.since, d.acct, d.class_id limit 100`, [alertId]);
}

/** Running, or objected to in the last thirty days. */
export async function listCoolDownsOf(sql: Queryable, acct: AccountId, now: Instant): Promise<readonly CoolDownRow[]> {
  return query<CoolDownRow>(
    sql,
    `${SELECT} where d.acct = $1 and ((d.until > $2 and d.lifted_at is null) or d.objected_at > $3) order by d.since desc, d.class_id limit 50`,
    [acct, new Date(now), new Date(now - 30 * 86_400_000)],
  );
}

export async function findCoolDown(tx: Tx, coolDownId: string): Promise<CoolDownRow | null> {
  const [row] = await query<CoolDownRow>(tx, `${SELECT} where d.cool_down_id = $1 for update of d`, [coolDownId]);
  return row ?? null;
}

export async function saveObjection(tx: Tx, coolDownId: string, text: string, now: Instant): Promise<void> {
  await query(tx, 'update compliance.cool_downs set objection = $2, objected_at = $3 where cool_down_id = $1', [
    coolDownId,
    text,
    toIso(now),
  ]);
}

/** Ends what runs of an alert. @returns whom it had restricted */
export async function liftOfAlert(
  tx: Tx,
  alertId: string,
  lift: { readonly by: string; readonly answer: string; readonly at: Instant },
): Promise<readonly Pick<CoolDownRow, 'acct' | 'class_id'>[]> {
  return query(
    tx,
    `update compliance.cool_downs set lifted_at = $2, lifted_by = $3, answer = $4
     where alert_id = $1 and until > $2 and lifted_at is null returning acct, class_id`,
    [alertId, toIso(lift.at), lift.by, lift.answer],
  );
}
