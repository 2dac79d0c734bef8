/**
 * Cool-downs (rulebook 9.2, CN-SV-06): who drove a kind's price up, and whoever acts as one person with him, places nothing in that kind for a
 * while. They begin with the alert and end by themselves; the person is told and may object; the market's supervisor ends them with the alert
 * or alone.
 */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { findConstant } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { createClusters } from '#sandbox/surveillance/clusters.ts';
import type { Alert } from '#sandbox/surveillance/surveillance.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { CoolDownView } from '#server/trpc/views.ts';
import {
  type CoolDownRow,
  findCoolDown,
  insertCoolDowns,
  liftOfAlert,
  listBuyers,
  type NewCoolDown,
  saveObjection,
} from './cool-downs.repo.ts';
import { followLinks } from './link-facts.ts';

const HOUR_MS = 3_600_000;
const ID_DIGITS = 32;

/** In the database transaction that stores the alerts. @returns what is told of it */
export async function startCoolDowns(tx: Tx, alerts: readonly Alert[], pack: RulePack, now: Instant): Promise<readonly NewMessage[]> {
  const hours = findConstant(pack, 'sv06.coolDownHours');
  const ramps = alerts.filter(({ detector }) => detector === 'CN-SV-06');
  if (hours === null || ramps.length === 0) return [];
  const until = instant(now + Number(hours.value) * HOUR_MS);
  const wanted: NewCoolDown[] = [];
  for (const { alertId, tradeIds } of ramps) {
    const buyers = await listBuyers(tx, tradeIds);
    const links = await followLinks(tx, [...new Set(buyers.map(({ acct }) => acct))]);
    const clusters = createClusters();
    for (const { a, b, reason } of links) clusters.link(a, b, reason);
    const linked = [...new Set(links.flatMap(({ a, b }) => [a, b]))];
    const pairs = buyers.flatMap(({ acct, class_id: classId }) =>
      [acct, ...linked.filter((other) => clusters.of(other) === clusters.of(acct))].map((each) => [each, classId] as const),
    );
    const unique = new Map(pairs.map(([acct, classId]) => [`${acct}\n${classId}`, { acct, class_id: classId }]));
    for (const [key, pair] of unique) wanted.push({ ...pair, cool_down_id: idOf(alertId, key), alert_id: alertId });
  }
  const started = await insertCoolDowns(tx, wanted, now, until);
  return started.flatMap(({ acct, class_id: classId, alert_id: alertId }) => told({ acct, classId, alertId, until }, 'set', now));
}

const idOf = (alertId: string, key: string): string =>
  `cld_${toHex(sm3(utf8(`daoju.cool-down/1\n${alertId}\n${key}`))).slice(0, ID_DIGITS)}`;

type Told = { readonly acct: string; readonly classId: string; readonly alertId: string; readonly until: Instant | null };

function told({ acct, classId, alertId, until }: Told, step: 'set' | 'lifted', at: Instant): readonly NewMessage[] {
  const ends = until === null ? {} : { until: toIso(until) };
  return [
    { room: 'sup:market', type: 'mkt.cool_down', at, body: { alertId, playerRef: acct, classId, step, ...ends } },
    noticeTo(acct, `cool_down_${step}`, at, { classId, link: '/portfolio', ...ends }),
  ];
}

/** With the alert that began them, or alone. */
export async function liftCoolDowns(
  tx: Tx,
  { alertId, by, answer, at }: { readonly alertId: string; readonly by: string; readonly answer: string; readonly at: Instant },
): Promise<readonly NewMessage[]> {
  const lifted = await liftOfAlert(tx, alertId, { by, answer, at });
  return lifted.flatMap(({ acct, class_id: classId }) => told({ acct, classId, alertId, until: null }, 'lifted', at));
}

type Ground = { readonly sql: Sql; readonly clock: Clock; readonly outbox: Pick<Outbox, 'append'> };

/** Once, while it runs. @throws {RefusalError} `not_restricted`, `appeal_made` */
export async function objectToCoolDown({ sql, clock, outbox }: Ground, acct: AccountId, coolDownId: string, text: string): Promise<void> {
  await sql.begin(async (tx) => {
    const row = await findCoolDown(tx, coolDownId);
    const at = clock.now();
    if (row === null || parseAccountId(row.acct) !== acct || !isRunning(row, at)) throw refuseCase('not_restricted');
    if (row.objection !== null) throw refuseCase('appeal_made');
    await saveObjection(tx, coolDownId, text, at);
    const body = { alertId: row.alert_id, playerRef: acct, classId: row.class_id, step: 'objection' };
    await outbox.append(tx, [{ room: 'sup:market', type: 'mkt.cool_down', at, body }]);
  });
}

const isRunning = (row: CoolDownRow, now: Instant): boolean => row.lifted_at === null && row.until.getTime() > now;

export function coolDownView(row: CoolDownRow, now: Instant): CoolDownView {
  return {
    coolDownId: row.cool_down_id,
    acct: parseAccountId(row.acct),
    classId: row.class_id,
    names: { zh: row.name_zh, en: row.name_en },
    since: row.since.toISOString(),
    until: row.until.toISOString(),
    isRunning: isRunning(row, now),
    objection: row.objection,
    liftedAt: row.lifted_at?.toISOString() ?? null,
    answer: row.answer,
  };
}
