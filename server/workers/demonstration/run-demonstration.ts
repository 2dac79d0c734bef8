/** Brings a demonstration chain to life over its own public API (product O-20): the studio sends its catalogue, then players fund their
 *  accounts, place sheets and trade. Started after the server listens; a stop or a crash at any point is gone on from at the next start. */
import { readCatalogue, readCatalogueMapping } from '#drizzle/seed/demonstration-catalogue.ts';
import { DEMONSTRATION_MARKET_MAKERS, DEMONSTRATION_STUDIO } from '#drizzle/seed/demonstration-keys.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { type AccountId, accountIdBytes, type ClassId } from '#ledger/primitives/ids.ts';
import { classIdFrom, extOf } from '#ledger/tx/ids.ts';
import type { Services } from '#server/context.ts';
import { demonstrationPlayerAcct } from '#server/identity/demonstration.ts';
import { createStudioClient } from '#server/sdk/studio-client.ts';
import { type ImportSteps, importCatalogue } from './import-catalogue.ts';
import { NAMED_PLAYERS, type PlannedOrder, planMints, planOrders } from './plan.ts';
import { createPlayerClient, type PlayerClient } from './player-client.ts';
import { demonstrationStudioAcct, STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from './studio-account.ts';
import { buyFrom, depositOf, fund, placeSheet } from './trade-as-players.ts';

const LANES = 5;

export type DemonstrationRun = { stop(): Promise<void>; readonly finished: Promise<void> };

export function startDemonstration(services: Services, { base }: { readonly base: string }): DemonstrationRun {
  let isStopped = false;
  const steps: ImportSteps = { isStopped: () => isStopped, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
  const finished = run(services, base, steps).catch((error: unknown) => {
    if (!isStopped) services.log.error({ error }, "couldn't finish the demonstration's start; the next start goes on");
  });
  return {
    finished,
    stop: async () => {
      isStopped = true;
      await finished;
    },
  };
}

async function run(services: Services, base: string, steps: ImportSteps): Promise<void> {
  const { ledger, clock, random, log } = services;
  const [catalogue, mapping] = await Promise.all([readCatalogue(), readCatalogueMapping()]);
  const makers = DEMONSTRATION_MARKET_MAKERS.map((maker) => maker.name);
  const accts = new Map<string, AccountId>([...makers, ...NAMED_PLAYERS].map((name) => [name, demonstrationPlayerAcct(ledger, name)]));
  const mints = planMints(catalogue.items, makers);
  const studio = createStudioClient({
    base,
    keyId: STUDIO_WRITE_KEY_ID,
    privateKey: demonstrationKeys(DEMONSTRATION_STUDIO.restKey).privateKey,
    readKey: STUDIO_READ_KEY,
    sm2: ledger.sm2,
    // As any studio's program: how fresh a call is says the machine's clock, however far the market's was moved (rest/authenticate.ts).
    now: () => (services.machineClock ?? clock).now(),
    random: (length) => random.bytes(length),
  });
  await importCatalogue(studio, catalogue, mapping, mints, accts, steps);
  if (steps.isStopped()) return;
  log.info(
    { kinds: catalogue.items.length, items: mints.reduce((sum, mint) => sum + mint.quantity, 0) },
    'the demonstration catalogue is certified',
  );

  const client = async (name: string): Promise<PlayerClient> => {
    const made = createPlayerClient({
      base,
      acct: accts.get(name) ?? '',
      privateKey: demonstrationKeys(name).privateKey,
      sm2: ledger.sm2,
      random: (length) => random.bytes(length),
    });
    await made.signIn();
    return made;
  };
  const issuer = accountIdBytes(demonstrationStudioAcct());
  const classIdOf = (classRef: string): ClassId => classIdFrom(issuer, extOf(classRef));
  const orders = planOrders(catalogue.items, mints, makers);
  const clients = new Map<string, PlayerClient>();
  let placed = 0;
  await inLanes(LANES, [...NAMED_PLAYERS, ...makers], async (name) => {
    if (steps.isStopped()) return;
    const player = await client(name);
    await fund(player, depositOf(makers.includes(name) ? 'maker' : 'named'), steps);
    const sheet = orders.filter((order) => order.player === name);
    const count = sheet.length === 0 ? null : await placeSheet(player, sheet, classIdOf);
    if (count === null) return;
    clients.set(name, player);
    placed += count;
  });
  const bought = await tradeOnce(clients, makers, orders, classIdOf, accts, steps);
  log.info({ placed, bought }, 'the demonstration market is open');
}

/** A few at a time: most of each one's time is spent waiting for the institution's callback. */
async function inLanes<T>(lanes: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  const lane = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Every maker buys the first listing of the next one, so that charts and tape have something to show. */
async function tradeOnce(
  clients: ReadonlyMap<string, PlayerClient>,
  makers: readonly string[],
  orders: readonly PlannedOrder[],
  classIdOf: (classRef: string) => ClassId,
  accts: ReadonlyMap<string, AccountId>,
  steps: ImportSteps,
): Promise<number> {
  let bought = 0;
  for (const [index, name] of makers.entries()) {
    const buyer = clients.get(name);
    const sellerName = makers[(index + 1) % makers.length] ?? '';
    const seller = accts.get(sellerName);
    const listing = orders.find((order) => order.player === sellerName && order.intent === 'listing');
    if (steps.isStopped()) return bought;
    if (buyer === undefined || seller === undefined || listing === undefined) continue;
    if (await buyFrom(buyer, classIdOf(listing.classRef), seller, steps)) bought++;
  }
  return bought;
}
