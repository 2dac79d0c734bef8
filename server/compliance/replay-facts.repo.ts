/** Recorded facts of a period for policy replay (rulebook 6.8): attempts with their decisions, trades with stored lines, reversals. No
 *  names. Everything in one snapshot of the database. */
import { fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { experimentHash } from '#sandbox/experiments/experiment.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type {
  AttemptFact,
  ExperimentArm,
  GiftFact,
  RefundFact,
  ReplayFacts,
  StoredLines,
  TradeFact,
  UndoneFact,
} from '#sandbox/replay/facts.ts';
import type { ReplayExperiment } from '#sandbox/replay/inputs.ts';
import type { Basis } from '#sandbox/tax/assessment.ts';
import { type BasisFacts, NO_BASIS_FACTS } from '#sandbox/tax/basis.ts';
import type { Sql } from '#server/db.ts';
import { type DecisionRecord, listDecisions } from '#server/exchange/decisions.repo.ts';
import { listExperiments } from '#server/exchange/experiments.repo.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import { type InputDocument, parseInputDocument } from '#server/settlement/assessment-document.ts';
import { IS_UNDONE, listYearSales } from './seller-years.repo.ts';

export type RecordedPeriod = {
  readonly facts: ReplayFacts;
  readonly packs: readonly RulePack[];
  readonly experiments: readonly ReplayExperiment[];
};

type TradeRow = {
  trade_id: string;
  seq: string;
  class_id: string;
  game_id: string;
  seller: string;
  buyer: string;
  sell_order_id: string;
  buy_order_id: string;
  experiment_id: string | null;
  gross_fen: string;
  fee_bps: number;
  royalty_bps: number;
  settled_at: Date;
  item_ids: readonly string[];
  first_placed_at: Date;
};
type AssessmentRow = {
  trade_id: string;
  version: number;
  at: Date;
  cause: 'settled' | 'day_line' | 'reversed';
  day: string;
  is_taxable: boolean;
  pack_hash: string;
  input: InputDocument;
  lines: readonly { readonly id: string; readonly amountFen: string }[];
};

/** `[from, to)` are Beijing dates, margins included; `period` without them. Sales for the lines of a year reach back to `yearsFrom`. */
type Asked = {
  readonly from: string;
  readonly to: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly yearsFrom: string;
};

export async function readRecordedPeriod(sql: Sql, asked: Asked, now: Instant): Promise<RecordedPeriod> {
  const { recorded } = await sql.begin('isolation level repeatable read read only', async (tx) => ({
    recorded: await readAll(tx, asked, now),
  }));
  return recorded;
}

async function readAll(tx: Queryable, asked: Asked, now: Instant): Promise<RecordedPeriod> {
  const dates = { from: asked.from, to: asked.to };
  const period = { from: startOfBeijingDate(dates.from), to: startOfBeijingDate(dates.to) };
  const trades = await listTrades(tx, period, 'kept');
  const undone = await listTrades(tx, period, 'undone');
  const assessments = await listAssessments(tx, dates);
  const gifts = await listGifts(tx, period);
  const first = [...trades, ...undone].reduce<number>((earliest, trade) => Math.min(earliest, at(trade.first_placed_at)), period.from);
  const decisions = await listDecisions(tx, { from: instant(first), to: period.to });
  const standing = await listStanding(tx, decisions);
  const experiments = await listExperiments(tx);
  const sales = await listYearSales(tx, {
    yearsFrom: startOfBeijingDate(asked.yearsFrom),
    from: startOfBeijingDate(asked.period.from),
    before: startOfBeijingDate(asked.period.to),
  });
  const [point] = await query<{ height: string; seq: string }>(
    tx,
    `select (select coalesce(max(height), 0) from ledger.blocks)::text as height,
       (select coalesce(max(seq), 0) from outbox.messages where room = 'sup:tax')::text as seq`,
  );
  const arms = new Map(decisions.flatMap((record) => (record.orderId === null ? [] : [[record.orderId, armOf(record)] as const])));
  const facts = trades.flatMap((trade) => tradeFact(trade, assessments.get(trade.trade_id) ?? [], arms));
  const given = gifts.flatMap((gift) => giftFact(gift, assessments.get(gift.gift_id) ?? []));
  const unassessed = trades.find(({ trade_id }) => !assessments.has(trade_id));
  const gapDay = unassessed === undefined ? null : beijingDate(at(unassessed.settled_at));
  return {
    facts: {
      asOf: { at: now, ledgerHeight: BigInt(point?.height ?? '0'), feedSeq: BigInt(point?.seq ?? '0') },
      coverage: {
        ...dates,
        gaps: unassessed === undefined || gapDay === null ? [] : [{ from: gapDay, to: dayAfter(gapDay), what: unassessed.trade_id }],
      },
      people: groupsOf(decisions),
      attempts: decisions.map((record) => attemptFact(record, standing)),
      trades: facts,
      gifts: given,
      refunds: trades.flatMap((trade) => refundFacts(trade, assessments.get(trade.trade_id) ?? [])),
      ...(undone.length === 0 ? {} : { undone: undone.map((trade) => undoneFact(trade, assessments.get(trade.trade_id) ?? [])) }),
      sellerYears: { from: asked.yearsFrom, sales },
    },
    packs: packsOf([...[...facts, ...given].map(({ stored }) => stored.packHash), ...decisions.map(({ packHash }) => packHash)]),
    experiments: experiments.map((experiment) => ({
      id: experiment.id,
      hash: experimentHash(experiment),
      overrides: experiment.ruleOverrides,
    })),
  };
}

const DAY_MS = 86_400_000;
function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + DAY_MS).toISOString().slice(0, 10);
}

async function listTrades(
  tx: Queryable,
  { from, to }: { readonly from: Instant; readonly to: Instant },
  which: 'kept' | 'undone',
): Promise<readonly TradeRow[]> {
  return query<TradeRow>(
    tx,
    `select t.trade_id, t.seq::text, t.class_id, c.game_id, t.seller, t.buyer, t.sell_order_id, t.buy_order_id, t.experiment_id,
       t.gross_fen::text, s.fee_bps, s.royalty_bps, t.settled_at, least(s.placed_at, b.placed_at) as first_placed_at,
       array(select i.item_id from market.trade_items i where i.trade_id = t.trade_id order by i.item_id) as item_ids
     from market.trades t
       join market.orders s on s.order_id = t.sell_order_id
       join market.orders b on b.order_id = t.buy_order_id
       join catalogue.item_classes c on c.class_id = t.class_id
     where t.settled_at >= $1 and t.settled_at < $2 and t.tx_id is not null and ${which === 'undone' ? IS_UNDONE : `not ${IS_UNDONE}`}
     order by t.seq`,
    [toIso(from), toIso(to)],
  );
}

type GiftColumns = {
  gift_id: string;
  seq: string;
  class_id: string;
  game_id: string;
  giver: string;
  reference_fen: string | null;
  cost_fen: string | null;
  ended_at: Date;
};

async function listGifts(tx: Queryable, { from, to }: { readonly from: Instant; readonly to: Instant }): Promise<readonly GiftColumns[]> {
  return query<GiftColumns>(
    tx,
    `select g.gift_id, (row_number() over (order by g.ended_at, g.gift_id))::text as seq, g.class_id, c.game_id, g.giver,
       g.reference_fen::text, g.cost_fen::text, g.ended_at
     from market.gifts g join catalogue.item_classes c on c.class_id = g.class_id
     where g.state = 'given' and g.ended_at >= $1 and g.ended_at < $2 order by g.ended_at, g.gift_id`,
    [toIso(from), toIso(to)],
  );
}

function giftFact(gift: GiftColumns, versions: readonly AssessmentRow[]): readonly GiftFact[] {
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return [];
  const fenOrNull = (digits: string | null) => (digits === null ? null : fen(BigInt(digits)));
  return [
    {
      id: gift.gift_id,
      seq: arrival(at(gift.ended_at), BigInt(gift.seq)),
      givenAt: at(gift.ended_at),
      giverRef: gift.giver,
      classId: gift.class_id,
      gameId: gift.game_id,
      referencePriceFen: fenOrNull(gift.reference_fen),
      costFen: fenOrNull(gift.cost_fen),
      place: parseInputDocument(first.input).place,
      stored: storedLines(last),
    },
  ];
}

async function listAssessments(
  tx: Queryable,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<ReadonlyMap<string, readonly AssessmentRow[]>> {
  const rows = await query<AssessmentRow>(
    tx,
    `select trade_id, version, at, cause, day, is_taxable, encode(pack_hash, 'hex') as pack_hash, input, lines
     from compliance.assessments where day >= $1 and day < $2 order by trade_id, version`,
    [from, to],
  );
  const byTrade = new Map<string, AssessmentRow[]>();
  for (const row of rows) {
    const list = byTrade.get(row.trade_id);
    if (list === undefined) byTrade.set(row.trade_id, [row]);
    else list.push(row);
  }
  return byTrade;
}

/** Arrival across trades and reversals: by time, trades of one instant in their order, reversals after them. */
const ARRIVALS_PER_MS = 1_000_000n;
function arrival(time: Instant, within: bigint): bigint {
  return BigInt(time) * ARRIVALS_PER_MS + (within % ARRIVALS_PER_MS);
}

/** A reversal on a later day leaves the trade's own lines as they were; it is an entry of its day. */
function isLaterReversal({ cause, at: time, day }: AssessmentRow): boolean {
  return cause === 'reversed' && beijingDate(at(time)) !== day;
}

function undoneFact(trade: TradeRow, [first]: readonly AssessmentRow[]): UndoneFact {
  const { txType = 'P2P', paidAt = at(trade.settled_at) } = first === undefined ? {} : parseInputDocument(first.input);
  return {
    ...dealt(trade),
    txType: txType === 'PRIMARY' || txType === 'P2B' ? txType : 'P2P',
    paidAt,
    classId: trade.class_id,
    gameId: trade.game_id,
  };
}

function dealt(trade: TradeRow) {
  return {
    id: trade.trade_id,
    sellerRef: trade.seller,
    buyerRef: trade.buyer,
    sellOrderId: trade.sell_order_id,
    buyOrderId: trade.buy_order_id,
    itemIds: trade.item_ids,
    grossFen: fen(BigInt(trade.gross_fen)),
  };
}

function tradeFact(
  trade: TradeRow,
  versions: readonly AssessmentRow[],
  arms: ReadonlyMap<string, ExperimentArm | null>,
): readonly TradeFact[] {
  const [first] = versions;
  const last = versions.filter((version) => !isLaterReversal(version)).at(-1);
  if (first === undefined || last === undefined) return [];
  const input = parseInputDocument(first.input);
  const { txType } = input;
  if (txType !== 'P2P' && txType !== 'P2B' && txType !== 'PRIMARY') return [];
  return [
    {
      ...dealt(trade),
      seq: arrival(at(trade.settled_at), BigInt(trade.seq)),
      txType,
      paidAt: input.paidAt,
      classId: trade.class_id,
      gameId: trade.game_id,
      feeBps: trade.fee_bps,
      royaltyBps: trade.royalty_bps,
      basis: basisFacts(input.basis),
      place: input.place,
      vatStatus: input.vatStatus,
      experiment: trade.experiment_id === null ? null : (arms.get(trade.sell_order_id) ?? null),
      flags: input.flags,
      stored: storedLines(last),
    },
  ];
}

function storedLines(version: AssessmentRow): StoredLines {
  return {
    packHash: version.pack_hash,
    isTaxable: version.is_taxable,
    lines: version.lines.map(({ id, amountFen }) => ({ id, amountFen: fen(BigInt(amountFen)) })),
  };
}

/** What the basis was found from, so that a pack with other switches finds its own (rulebook 2.6.1). */
function basisFacts(basis: Basis | null): BasisFacts {
  if (basis === null) return NO_BASIS_FACTS;
  const isPartlyUnproven = basis.flags.includes('COST_PARTLY_UNPROVEN');
  switch (basis.source) {
    case 'PLATFORM_RECORD':
    case 'STATED':
      return { ...NO_BASIS_FACTS, platformCostFen: basis.costFen, isPartlyUnproven };
    case 'VOUCHER':
      return { ...NO_BASIS_FACTS, voucherCostFen: basis.costFen, isPartlyUnproven };
    case 'TAX_OFFICE':
      return { ...NO_BASIS_FACTS, taxOfficeCostFen: basis.costFen };
    case 'EARNED':
      return { ...NO_BASIS_FACTS, origin: 'EARNED' };
    case 'GIFT_RECEIVED':
      return { ...NO_BASIS_FACTS, origin: 'GIFT_RECEIVED', documentedFeesFen: basis.costFen };
    case 'NONE':
      return NO_BASIS_FACTS;
  }
}

function refundFacts(trade: TradeRow, versions: readonly AssessmentRow[]): readonly RefundFact[] {
  return versions
    .filter(({ cause }) => cause === 'reversed')
    .map((version) => ({
      id: `reversal-${trade.trade_id}`,
      seq: arrival(at(version.at), ARRIVALS_PER_MS - 1n),
      tradeId: trade.trade_id,
      at: at(version.at),
      amountFen: fen(BigInt(trade.gross_fen)),
      feeReturned: true,
      royaltyReturned: true,
    }));
}

function armOf({ experiment }: DecisionRecord): ExperimentArm | null {
  return experiment === null || experiment.arm === null ? null : { id: experiment.id, arm: experiment.arm };
}

type Standing = NonNullable<AttemptFact['standing']>;

/** Until when each order stood, and which ended when it came: the one it replaced, the listing that an accepted offer spent. */
async function listStanding(tx: Queryable, decisions: readonly DecisionRecord[]): Promise<ReadonlyMap<string, Standing>> {
  const orderIds = decisions.flatMap(({ orderId, outcome }) => (orderId === null || outcome !== 'placed' ? [] : [orderId]));
  if (orderIds.length === 0) return new Map();
  const rows = await query<{ order_id: string; ended_at: Date | null; replaces: string | null; listing: string | null }>(
    tx,
    `select o.order_id, o.ended_at, o.replaces,
       (select f.listing_order_id from market.trades t join market.offers f on f.trade_id = t.trade_id
        where o.intent = 'accept_offer' and t.sell_order_id = o.order_id) as listing
     from market.orders o where o.order_id = any($1)`,
    [orderIds],
  );
  return new Map(
    rows.map(({ order_id, ended_at, replaces, listing }) => [
      order_id,
      { endedAt: ended_at === null ? null : at(ended_at), replaces: [replaces, listing].filter((orderId) => orderId !== null) },
    ]),
  );
}

function attemptFact(record: DecisionRecord, orders: ReadonlyMap<string, Standing>): AttemptFact {
  const { acct, stage, referenceId, orderId, attempt, facts, kind, reasons, packHash, outcome } = record;
  const standing = orders.get(orderId ?? '');
  return {
    id: `${acct} ${stage} ${referenceId}`,
    // A gift is found again by its own id.
    orderId: stage === 'gift' && outcome === 'placed' ? referenceId : orderId,
    attempt,
    facts,
    experiment: armOf(record),
    recorded: { kind, codes: reasons.map(({ code }) => code), packHash },
    outcome,
    ...(standing === undefined ? {} : { standing }),
  };
}

/** Payers by what supervisors compare: the level of identification that they had last. */
function groupsOf(decisions: readonly DecisionRecord[]): ReplayFacts['people'] {
  const groups = new Map<string, string>();
  for (const { acct, facts } of decisions) groups.set(acct, `PLAYER ${facts.person.realNameLevel}`);
  return [...groups].map(([personRef, group]) => ({ personRef, group }));
}

/** Those that are at hand; the replay refuses what names another. */
function packsOf(hashes: readonly string[]): readonly RulePack[] {
  return [...new Set(hashes)].flatMap((hash) => {
    const pack = findPackByHash(hash);
    return pack === null ? [] : [pack];
  });
}
