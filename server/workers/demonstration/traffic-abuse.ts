/** Labelled abuse (rulebook 9.3) among the simulated traffic, through the same public API: what a detector has to find, and by which name. */

import { toHex } from '#ledger/primitives/bytes.ts';
import type { ClassId, ItemId, TradeId } from '#ledger/primitives/ids.ts';
import { basePriceFen } from './plan.ts';
import { type Dice, pick, placeQuoted, type Trader, takeListing } from './traffic-acts.ts';
import type { TrafficGround } from './traffic-people.ts';

/** Each pattern and the detector that has to find it. Items are protected for days after a sale, so within minutes a ring passes units of one
 *  kind round and never the same unit twice. */
export const PATTERNS = {
  wash: 'CN-SV-03',
  ring: 'CN-SV-03',
  ramp: 'CN-SV-06',
  absurd_price: 'CN-SV-05',
  structuring: 'CN-SV-08',
  mule: 'CN-SV-09',
} as const;
export type Pattern = keyof typeof PATTERNS;
export const PATTERN_NAMES: readonly Pattern[] = ['wash', 'ring', 'ramp', 'absurd_price', 'structuring', 'mule'];

export type AbuseLabel = {
  readonly pattern: Pattern;
  readonly detector: (typeof PATTERNS)[Pattern];
  readonly tradeIds: readonly TradeId[];
  readonly accounts: readonly string[];
  /** Everything that the pattern needs went through; a part alone need not be found. */
  readonly isComplete: boolean;
};

type Parties = {
  readonly makers: readonly Trader[];
  readonly people: readonly Trader[];
  /** Joins with a key and a card of his own and has never paid anything in. */
  readonly newcomer: () => Promise<Trader>;
  readonly sleep: (ms: number) => Promise<void>;
};
const POLLS = 60;

export async function abuse(ground: TrafficGround, pattern: Pattern, parties: Parties, dice: Dice): Promise<AbuseLabel> {
  const done = await ACTS[pattern](ground, parties, dice);
  return { pattern, detector: PATTERNS[pattern], ...done };
}

type Done = Pick<AbuseLabel, 'tradeIds' | 'accounts' | 'isComplete'>;
type Act = (ground: TrafficGround, parties: Parties, dice: Dice) => Promise<Done>;

const ACTS: Readonly<Record<Pattern, Act>> = {
  wash: (ground, { makers }, dice) => goRound(ground, shuffled(makers, dice).slice(0, 2), 4, dice),
  ring: (ground, { makers }, dice) => goRound(ground, shuffled(makers, dice).slice(0, 3), 3, dice),
  ramp: async (ground, { makers, people }, dice) => {
    const [seller, buyer] = [pick(dice, makers), pick(dice, people)];
    return sell(ground, seller, buyer, 6, dice, (level, round) => (level * BigInt(100 + 12 * round)) / 100n);
  },
  absurd_price: async (ground, { makers, people }, dice) => {
    const [seller, buyer] = [pick(dice, makers), pick(dice, people)];
    // Without a reference nobody can say that a price is absurd.
    return sell(ground, seller, buyer, 1, dice, (level) => level * 40n + 60_000n, true);
  },
  structuring: (ground, { people }, dice) => deposit(ground, pick(dice, people), [920_000, 961_000, 987_000]),
  mule: async (ground, { newcomer, sleep }) => {
    const mule = await newcomer();
    const into = await deposit(ground, mule, [510_000]);
    const isPaid = async () =>
      (await mule.client.api.money.get.query()).transfers.every(({ state }) => state === 'paid' || state === 'failed');
    for (let poll = 0; poll < POLLS && !(await isPaid()); poll += 1) await sleep(500);
    const answer = await mule.client.withdraw({ referenceId: reference(ground), amountFen: '500000' });
    return { ...into, isComplete: answer.state !== 'failed' };
  },
};

function reference(ground: TrafficGround): string {
  return `traffic-${toHex(ground.random(12))}`;
}

function shuffled(traders: readonly Trader[], dice: Dice): readonly Trader[] {
  return traders
    .map((trader) => ({ trader, at: dice() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ trader }) => trader);
}

type Unit = { readonly itemId: ItemId; readonly classId: ClassId; readonly levelFen: bigint; readonly hasReference: boolean };

async function listUnits(trader: Trader): Promise<readonly Unit[]> {
  const { rows } = await trader.client.api.portfolio.list.query({});
  return rows
    .filter((row) => row.state === 'free' && row.card.type === 'Cut Gem')
    .map(({ itemId, card }) => ({
      itemId,
      classId: card.classId,
      levelFen: card.referenceFen === null ? basePriceFen({ uniqueName: card.classId, rarity: card.rarity }) : BigInt(card.referenceFen),
      hasReference: card.referenceFen !== null,
    }));
}

/** Units of one kind go from each to the next at one price until everybody has what he had. */
async function goRound(ground: TrafficGround, group: readonly Trader[], trades: number, dice: Dice): Promise<Done> {
  const held = await Promise.all(group.map(listUnits));
  const [first] = held;
  const needed = Math.ceil(trades / group.length);
  const kinds = [...new Set(first?.map(({ classId }) => classId) ?? [])].filter((classId) =>
    held.every((units) => units.filter((unit) => unit.classId === classId).length >= needed),
  );
  const classId = pick(dice, kinds);
  const accounts = group.map(({ acct }) => acct);
  const tradeIds: TradeId[] = [];
  if (classId === undefined) return { tradeIds, accounts, isComplete: false };
  const stock = held.map((units) => units.filter((unit) => unit.classId === classId));
  const priceFen = (stock[0]?.[0]?.levelFen ?? 1_000n) + BigInt(Math.floor(dice() * 20)) * 10n;
  for (let i = 0; i < trades; i += 1) {
    const [seller, buyer] = [group[i % group.length], group[(i + 1) % group.length]];
    const unit = stock[i % group.length]?.[Math.floor(i / group.length)];
    if (seller === undefined || buyer === undefined || unit === undefined) break;
    const tradeId = await arrange(ground, seller, buyer, unit, priceFen);
    if (tradeId === null) break;
    tradeIds.push(tradeId);
  }
  return { tradeIds, accounts, isComplete: tradeIds.length === trades };
}

async function sell(
  ground: TrafficGround,
  seller: Trader | undefined,
  buyer: Trader | undefined,
  trades: number,
  dice: Dice,
  priceOf: (levelFen: bigint, round: number) => bigint,
  needsReference = false,
): Promise<Done> {
  if (seller === undefined || buyer === undefined) return { tradeIds: [], accounts: [], isComplete: false };
  const units = (await listUnits(seller)).filter(({ hasReference }) => hasReference || !needsReference);
  const classId = pick(
    dice,
    [...new Set(units.map((unit) => unit.classId))].filter((each) => units.filter((unit) => unit.classId === each).length >= trades),
  );
  const tradeIds: TradeId[] = [];
  for (const [round, unit] of units
    .filter((each) => each.classId === classId)
    .slice(0, trades)
    .entries()) {
    const tradeId = await arrange(ground, seller, buyer, unit, (priceOf(unit.levelFen, round) / 10n + 1n) * 10n);
    if (tradeId === null) break;
    tradeIds.push(tradeId);
  }
  return { tradeIds, accounts: [seller.acct, buyer.acct], isComplete: tradeIds.length === trades };
}

/** One arranged sale: the seller lists at the agreed price, the buyer takes it at once. */
async function arrange(ground: TrafficGround, seller: Trader, buyer: Trader, unit: Unit, priceFen: bigint): Promise<TradeId | null> {
  const listed = await placeQuoted(ground, seller, {
    intent: 'listing',
    classId: unit.classId,
    itemIds: [unit.itemId],
    targetOrderId: null,
    priceFen: priceFen.toString(),
    quantity: 1,
    timeInForce: 'gtc',
  });
  if (listed?.kind !== 'placed') return null;
  const bought = await takeListing(ground, buyer, unit.classId, {
    orderId: listed.order.orderId,
    priceFen: listed.order.priceFen,
    items: [{ itemId: unit.itemId }],
  });
  return bought?.kind === 'placed' ? (bought.trades[0]?.tradeId ?? null) : null;
}

async function deposit(ground: TrafficGround, person: Trader | undefined, amounts: readonly number[]): Promise<Done> {
  if (person === undefined) return { tradeIds: [], accounts: [], isComplete: false };
  for (const amount of amounts) {
    await person.client.deposit({ referenceId: reference(ground), amountFen: String(amount) });
  }
  return { tradeIds: [], accounts: [person.acct], isComplete: true };
}
