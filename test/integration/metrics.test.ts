/** `/metrics` after real traffic (product O-14): what happened is counted, and what the dashboard and the alerts ask for is there. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { insertBackup } from '#server/operations/backups.repo.ts';
import { type MarketWorld, openMarketWorld, type QuoteWish } from './public-refusals/market-cases.ts';
import { type Actor, openRig, type Rig } from './public-refusals/rig.ts';

/** Product O-14, in its order. */
const NAMES = [
  'daoju_http_requests_total',
  'daoju_http_request_seconds',
  'daoju_order_answer_seconds',
  'daoju_cancel_outcomes_total',
  'daoju_trades_total',
  'daoju_match_commands_total',
  'daoju_decisions_total',
  'daoju_ledger_height',
  'daoju_certify_seconds',
  'daoju_endorsements_total',
  'daoju_member_lag_blocks',
  'daoju_feed_seq',
  'daoju_feed_lag_seconds',
  'daoju_feed_clients',
  'daoju_custody_mismatches',
  'daoju_journal_imbalance_fen',
  'daoju_provider_breaks',
  'daoju_held_fen',
  'daoju_payouts_due',
  'daoju_alerts_open',
  'daoju_experiment_cap_used_ratio',
  'daoju_certificate_expiry_seconds',
  'daoju_pack_expiry_seconds',
  'daoju_sm2_verify_seconds',
  'daoju_backup_age_seconds',
  // Beyond O-14.
  'daoju_clock_behind_seconds',
  'daoju_signer_up',
  'daoju_signatures_total',
] as const;

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig.server.stop());

type Samples = ReadonlyMap<string, number>;
async function scrape(): Promise<{ readonly text: string; readonly samples: Samples }> {
  const response = await fetch(`${rig.server.base}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  const samples = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  );
  return { text, samples };
}
const value = ({ samples }: { readonly samples: Samples }, sample: string) => samples.get(sample) ?? 0;

/** A listing, a purchase, a buy order, a minor who is denied. */
async function trade(world: MarketWorld): Promise<void> {
  const { items, sword } = world;
  const [, itemId = ''] = items;
  const order = await world.list(itemId);
  const place = async (who: Actor, wish: QuoteWish) => world.place(who, world.input(who, await world.quote(who, wish)));
  const take = { intent: 'take_listing', classId: sword.classId, itemIds: [itemId], targetOrderId: order.orderId } as const;
  expect(await place(rig.bob, take)).toBe('placed');
  expect(await place(rig.bob, { intent: 'buy_order', priceFen: '7000' })).toBe('placed');
  await rig.settled();
  await expect(world.quote(rig.kim, { intent: 'buy_order', priceFen: '100' })).rejects.toThrow();
}

test('every name of O-14 that can have a value today is exported with a sentence, and the README lists the others', async () => {
  const { text } = await scrape();
  const described = new Set([...text.matchAll(/^# HELP (daoju_\w+) \S.{8,}/gm)].map(([, name]) => name));
  expect(NAMES.filter((name) => !described.has(name))).toEqual([]);
  const design = ['daoju_webhook_deliveries_total', 'daoju_webhook_oldest_pending_seconds'];
  const readme = readFileSync('server/README.md', 'utf8');
  expect(design.filter((name) => described.has(name) === readme.includes(`\`${name}\``))).toEqual([]);
});

test('real traffic is counted: orders, decisions, trades by state, answers, money held, the feed', async () => {
  const world = await openMarketWorld(rig);
  await rig.settled();
  const before = await scrape();
  await trade(world);
  const after = await scrape();
  const grown = (sample: string) => value(after, sample) - value(before, sample);
  expect(grown('daoju_order_answer_seconds_count')).toBe(3);
  expect(grown('daoju_sm2_verify_seconds_count')).toBe(3);
  expect(grown('daoju_decisions_total{decision="allow",code=""}')).toBe(3);
  expect(grown('daoju_decisions_total{decision="deny",code="minor_refused"}')).toBe(1);
  for (const state of ['reserved', 'settled', 'certified', 'protected'])
    expect([state, grown(`daoju_trades_total{state="${state}"}`)]).toEqual([state, 1]);
  expect(grown('daoju_certify_seconds_count')).toBe(1);
  expect(grown('daoju_http_requests_total{route="trpc",code="200"}')).toBeGreaterThan(5);
  expect(value(after, 'daoju_http_request_seconds_count{route="rest"}')).toBeGreaterThan(0);
  expect(value(after, 'daoju_held_fen{asset="cny"}')).toBe(7_000);
  expect(after.samples.get('daoju_journal_imbalance_fen')).toBe(0);
  expect(grown('daoju_feed_seq{room="sup:market"}')).toBeGreaterThan(0);
  expect(value(after, 'daoju_feed_lag_seconds{room="sup:market"}')).toBeGreaterThanOrEqual(0);
  // A block may come between the reading and the comparison.
  const { ledger } = rig.server.services;
  const heights = async () => {
    const height = Number(ledger.certified.height);
    const scraped = await scrape();
    return ['sealed', 'certified'].map((stage) => value(scraped, `daoju_ledger_height{stage="${stage}"}`) - height);
  };
  await expect.poll(heights).toEqual([0, 0]);
  expect([...after.samples.keys()].filter((sample) => sample.startsWith('daoju_pack_expiry_seconds{'))).toHaveLength(1);
});

test('the books are unknown before the first comparison and counted after it', async () => {
  const { books } = rig.server.services;
  // On a slow machine the first one, half a minute after the start, has come by now.
  const before = vi.spyOn(books, 'last').mockReturnValue(null);
  expect((await scrape()).samples.get('daoju_custody_mismatches')).toBeNaN();
  before.mockRestore();
  expect(await books.turn()).toEqual([]);
  expect(value(await scrape(), 'daoju_custody_mismatches')).toBe(0);
  await rig.server.database.sql`update custody.items set ver = ver + 1 where item_id in (select item_id from custody.items limit 1)`;
  await books.turn();
  expect(value(await scrape(), 'daoju_custody_mismatches')).toBeGreaterThan(0);
  expect(value(await scrape(), 'daoju_provider_breaks')).toBe(0);
});

test('an alert that nobody has answered is open under its detector; a backup has an age from the first on', async () => {
  const { sql } = rig.server.database;
  const { clock } = rig.server.services;
  expect((await scrape()).text).toMatch(/^daoju_backup_age_seconds \+Inf$/m);
  const backed = { tables: 1, rows: 1, sm3: '0'.repeat(64) };
  await insertBackup(sql, new Date(clock.now() - 60_000).toISOString(), backed);
  await sql`insert into surveillance.facts (fact_no, kind, fact_id, at, body) values (1, 'trade', 'planted', now(), '{}') on conflict do nothing`;
  await sql`
    insert into surveillance.alerts (alert_id, detector, name, typology, score, first_at, at, trade_ids, account_refs, figures, explanation_zh,
      explanation_en, audience, pack_hash, first_fact_no, fact_no, revision, state, state_since, due_at)
    select 'alr_' || repeat(n::text, 32), 'CN-SV-04', 'circular_item', 'back_and_forth', 90, now(), now(), '[]', '[]', '{}', 'x', 'x', '[]',
      decode(repeat('00', 32), 'hex'), 1, 1, 1, state, now(), now()
    from (values (1, 'new'), (2, 'triaged'), (3, 'dismissed')) planted(n, state)`;
  const after = await scrape();
  expect(value(after, 'daoju_backup_age_seconds')).toBe(60);
  expect(value(after, 'daoju_alerts_open{detector="CN-SV-04"}')).toBe(2);
});

test('dashboard and alert rules ask for nothing that is not exported', async () => {
  const { text } = await scrape();
  const exported = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name));
  for (const file of ['grafana-dashboard.json', 'alert-rules.yaml']) {
    const asked = new Set(
      [...readFileSync(`server/operations/${file}`, 'utf8').matchAll(/\bdaoju_\w+/g)].map(([name]) =>
        name.replace(/_(?:bucket|count|sum)$/, ''),
      ),
    );
    expect(asked.size).toBeGreaterThan(10);
    expect([...asked].filter((name) => !exported.has(name))).toEqual([]);
  }
  // Each of our own figures stands on the dashboard.
  const dashboard = readFileSync('server/operations/grafana-dashboard.json', 'utf8');
  expect(NAMES.filter((name) => !dashboard.includes(name))).toEqual([]);
});
