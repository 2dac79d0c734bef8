/**
 * The surveillance worker. It follows the feeds of market and finance, writes them down as numbered facts, shows each fact to the detectors
 * and stores what they say, all in the database transaction that moves its place. So a crash at any point leaves the place where the facts
 * end, and the next start rebuilds the detectors from the stored facts and goes on; no alert is lost and none comes twice.
 */
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { addTradingDays } from '#sandbox/decisions/calendar.ts';
import { constantOf, packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { DETECTORS } from '#sandbox/surveillance/detectors.ts';
import { type Alert, createSurveillance, type Surveillance } from '#sandbox/surveillance/surveillance.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { ADULT_YEARS } from '#server/identity/registration.ts';
import type { Log } from '#server/log.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { alertMessages, labelMessages } from './alert-messages.ts';
import { type AlertWrite, type Audience, saveAlerts, saveLabels } from './alerts.repo.ts';
import { startCoolDowns } from './cool-downs.ts';
import { insertFacts, listFeed, listKnownPayers, listTradeItems, lockPlace, movePlace, readFacts } from './facts.repo.ts';
import { factsFromFeed, payersOf, tradeIdsOf } from './facts-from-feed.ts';
import { withLinks } from './link-facts.ts';
import { withMinors } from './minor-facts.ts';

export type WatchGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly outbox: Pick<Outbox, 'append' | 'listen'>;
  /** The pack in force; `null`: none yet. */
  pack(): RulePack | null;
};
export interface MarketWatch {
  /** To the end of both feeds. @returns how many facts were read */
  turn(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

const MESSAGES_AT_ONCE = 500;
/** Wakes come with every commit; a turn a little later reads them together. */
const PAUSE_MS = 200;

type Running = { readonly surveillance: Surveillance; readonly hash: string; factNo: bigint };

export function watchMarket({ sql, clock, log, outbox, pack }: WatchGround): MarketWatch {
  let running: Running | null = null;
  let isStopped = true;
  let timer: NodeJS.Timeout | null = null;
  let turning: Promise<unknown> = Promise.resolve();
  let stopListening = (): void => undefined;

  /** The detectors as they were after a fact: in memory, or computed again. Under another pack everything is read again, and only what
   *  comes from now on is stored: a past alert stays with the pack that raised it. */
  const detectorsAt = async (rules: RulePack, factNo: bigint): Promise<Running> => {
    const hash = packHash(rules);
    if (running !== null && running.hash === hash && running.factNo === factNo) return running;
    const surveillance = createSurveillance(rules);
    for await (const facts of readFacts(sql, 1n, factNo)) for (const fact of facts) surveillance.take(fact);
    return { surveillance, hash, factNo };
  };

  const step = async (): Promise<number | null> => {
    const rules = pack();
    if (rules === null) return null;
    try {
      return await sql.begin((tx) => readOn(tx, rules));
    } catch (error) {
      // The detectors have seen facts that were not kept.
      running = null;
      throw error;
    }
  };

  const readOn = async (tx: Tx, rules: RulePack): Promise<number | null> => {
    const place = await lockPlace(tx);
    const [market, finance] = await Promise.all([
      listFeed(tx, 'sup:market', place.marketSeq, MESSAGES_AT_ONCE),
      listFeed(tx, 'sup:finance', place.financeSeq, MESSAGES_AT_ONCE),
    ]);
    if (market.length === 0 && finance.length === 0) return null;
    const rows = [...market, ...finance];
    const said = factsFromFeed(rows, await listTradeItems(tx, tradeIdsOf(rows)), await listKnownPayers(tx, payersOf(rows)));
    const small = BigInt(constantOf(rules, 'minor8Single').value);
    const facts = await withLinks(tx, await withMinors(tx, said, { smallFen: small, adultYears: ADULT_YEARS, now: clock.now() }));
    const state = await detectorsAt(rules, place.factNo);
    running = state;
    const now = clock.now();
    await insertFacts(tx, facts, place.factNo + 1n);
    const writes: AlertWrite[] = [];
    for (const [i, fact] of facts.entries()) {
      for (const alert of state.surveillance.take(fact)) {
        writes.push({ alert, audience: audienceOf(alert), factNo: place.factNo + 1n + BigInt(i), dueAt: triageBy(rules, now) });
      }
    }
    state.factNo = place.factNo + BigInt(facts.length);
    await store(tx, writes, rules, now);
    await movePlace(tx, {
      marketSeq: BigInt(market.at(-1)?.seq ?? place.marketSeq),
      financeSeq: BigInt(finance.at(-1)?.seq ?? place.financeSeq),
      factNo: state.factNo,
    });
    return facts.length;
  };

  const store = async (tx: Tx, writes: readonly AlertWrite[], rules: RulePack, now: Instant): Promise<void> => {
    if (writes.length === 0) return;
    const revisions = await saveAlerts(tx, writes, now);
    const labels = writes.flatMap(({ alert: { alertId, label, tradeIds } }) =>
      label === null ? [] : tradeIds.map((tradeId) => ({ tradeId, label, source: alertId })),
    );
    const labelled = await saveLabels(tx, labels, now);
    const newest = new Map(writes.map(({ alert, audience }) => [alert.alertId, { alert, audience }]));
    const told = [...newest.values()].filter(({ alert }) => revisions.has(alert.alertId));
    await outbox.append(tx, [
      ...told.flatMap(({ alert, audience }) => alertMessages(alert, audience, revisions.get(alert.alertId) ?? 1, now)),
      ...labelMessages(labelled, 'labelled', now),
      ...(await startCoolDowns(
        tx,
        told.map(({ alert }) => alert),
        rules,
        now,
      )),
    ]);
  };

  const turn = async (): Promise<number> => {
    let read = 0;
    for (let facts = await step(); facts !== null; facts = await step()) read += facts;
    return read;
  };

  const wake = (): void => {
    if (isStopped || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      turning = turning
        .then(() => (isStopped ? 0 : turn()))
        .catch((error: unknown) => log.error({ error }, "couldn't follow the feeds for surveillance; the next message tries again"));
    }, PAUSE_MS);
  };

  return {
    turn,
    start: () => {
      isStopped = false;
      stopListening = outbox.listen({ wake, published: () => undefined, headSigned: () => undefined });
      wake();
    },
    stop: async () => {
      isStopped = true;
      stopListening();
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await turning;
    },
  };
}

export function audienceOf({ detector }: Alert): readonly Audience[] {
  return DETECTORS.find(({ id }) => id === detector)?.audience ?? ['market'];
}

/** End of the last working day in which it has to be looked at (rulebook 9.2: one). */
export function triageBy(pack: RulePack, now: Instant): Instant {
  const days = Number(constantOf(pack, 'svTriageWorkingDays').value);
  return instant(startOfBeijingDate(addTradingDays(pack, beijingDate(now), days)) + 86_400_000);
}
