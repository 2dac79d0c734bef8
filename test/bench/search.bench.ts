/** Search over 100,000 kinds: four facets and text at one time (product P-10), each call its own snapshot as a page asks for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { searchKinds } from '#server/market/search.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import type { SearchQuery } from '#server/trpc/views.ts';
import { openMarketRig } from '#test/support/market-rig.ts';

const KINDS = 100_000;
const CALLS = 60;

export async function benchSearch(): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const server = await startPostgres({ dir: folder });
  const sql = openDatabase(server.url, { max: 6 });
  try {
    await migrate(sql);
    return await run(sql);
  } finally {
    await sql.end();
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(sql: Sql) {
  const clock = { ...systemClock, advance: () => undefined, set: () => undefined };
  const rig = await openMarketRig(sql, { clock, workers: 1, isManual: false, makers: 1 });
  try {
    await rig.kind('bench');
    await declareKinds(sql);
    const search = (query: SearchQuery) => readSnapshot(rig, null, (snapshot) => searchKinds(rig, snapshot, query));
    const started = performance.now();
    await search({});
    const firstMs = Math.round(performance.now() - started);
    const faceted = await measure(CALLS, (call) =>
      search({
        text: `mod ${call % 10}`,
        category: ['Mods'],
        rarity: ['Rare', 'Common'],
        where: { polarity: ['p0', 'p1'], level: { min: 2, max: 8 } },
      }),
    );
    const expressed = await measure(CALLS, (call) =>
      search({
        text: `mod ${call % 10}`,
        expression: 'category = "Mods" and rarity in ("rare", "common") and polarity != "p3" and level >= 2',
      }),
    );
    const open = await measure(CALLS, () => search({}));
    return { kinds: KINDS, firstMs, facets: faceted, expression: expressed, everything: open };
  } finally {
    await rig.stop();
  }
}

async function measure(calls: number, call: (index: number) => Promise<{ readonly total: number }>) {
  const times: number[] = [];
  let found = 0;
  for (let index = 0; index < calls; index++) {
    const started = performance.now();
    found = (await call(index)).total;
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
  return { p50Ms: at(0.5), p95Ms: at(0.95), found };
}

async function declareKinds(sql: Sql): Promise<void> {
  await sql`
    insert into catalogue.attribute_definitions (game_id, key, type, label_en, filterable, position)
    select game_id, key, type, key, true, position from (select game_id from catalogue.item_classes limit 1) game,
      (values ('polarity', 'enum', 1), ('level', 'integer', 2), ('vaulted', 'boolean', 3)) as attribute (key, type, position)`;
  await sql`
    insert into catalogue.item_classes (class_id, ledger_serial, studio_acct, game_id, class_ref, name_en, category, type, icon, rarity,
      attributes, royalty_bps, fee_bps, publicity_hours, protection_hours, resale_wait_trading_days, collectible, interchangeable, giftable,
      origin, tx_id, reference_id, created_at, certified_at)
    select 'cls_' || lpad(to_hex(n), 32, '0'), 1000000 + n, studio_acct, game_id, 'mod-' || n, 'Mod ' || n,
      case when n % 2 = 0 then 'Mods' else 'Arcanes' end, 'Mod', 'processor', case n % 3 when 0 then 'Common' when 1 then 'Rare' else 'Legendary' end,
      jsonb_build_object('polarity', 'p' || n % 5, 'level', n % 11, 'vaulted', n % 7 = 0),
      0, 0, 0, 72, 0, false, false, true, 'PLAY', tx_id, 'bench', created_at, certified_at
    from (select * from catalogue.item_classes limit 1) kind, generate_series(1, ${KINDS}) n`;
}
