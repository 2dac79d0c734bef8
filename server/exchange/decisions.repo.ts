/** Decisions as rows (migration 0090): written with the order in its group, or beside a quote that was denied; read back as what
 *  `decide` takes, so that policy replay asks another pack the same question (rulebook 6.8). */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { fen, parseFen } from '#ledger/primitives/fen.ts';
import { type AccountId, type OrderId, parseAccountId, parseOrderId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { ageOn } from '#sandbox/decisions/calendar.ts';
import type { Attempt, ClassFacts, DecisionFacts, ItemFacts, Reason } from '#sandbox/decisions/decision.ts';
import type { Player } from '#server/identity/identity.ts';
import { at, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { mostTrades } from '#server/settlement/cap-facts.ts';
import { type Decided, type DecisionWrite, PERSON_TAX_FACTS } from '#server/settlement/decided.ts';
import { exchangeCode } from './codes.ts';
import { atMost } from './decide-order.ts';
import type { QuoteRequest } from './market.ts';

export type AnsweredDecision = DecisionWrite & {
  /** `placed`, or the code of the refusal. */
  readonly outcome: string;
};

/** In the group's database transaction. The reference of a placement is taken in the same one, so no attempt is written twice. */
export async function insertDecisions(sql: Queryable, writes: readonly AnsweredDecision[], onConflict = ''): Promise<void> {
  await insertRows(sql, 'compliance.decisions', writes.map(columnsOf), onConflict);
}

/** The same question on the same day is one attempt, however often it is asked while somebody types a price. */
export async function insertDeniedQuote(
  sql: Queryable,
  { player, request, decided }: { readonly player: Player; readonly request: QuoteRequest; readonly decided: Decided },
): Promise<void> {
  const [first] = decided.decision.reasons;
  const write: AnsweredDecision = {
    acct: player.acct,
    stage: 'quote',
    referenceId: quoteReference(request, decided),
    orderId: null,
    targetOrderId: request.targetOrderId,
    intent: request.intent,
    decided,
    outcome: exchangeCode(first?.code ?? ''),
  };
  await insertDecisions(sql, [write], 'on conflict do nothing');
}

const DIGEST_DIGITS = 48;

function quoteReference(request: QuoteRequest, { attempt, decision, experiment }: Decided): string {
  const asked = {
    day: beijingDate(attempt.at),
    intent: request.intent,
    classId: request.classId,
    itemIds: [...request.itemIds],
    targetOrderId: request.targetOrderId,
    expression: request.expression,
    priceFen: String(attempt.unitPriceFen),
    quantity: attempt.quantity,
    packHash: decision.packHash,
    experimentHash: experiment?.hash ?? null,
    codes: decision.reasons.map(({ code }) => code),
  };
  return `quote:${toHex(sm3(canonicalBytes(asked))).slice(0, DIGEST_DIGITS)}`;
}

type ClassColumn = Omit<ClassFacts, 'classId' | 'gameId' | 'referencePriceFen'>;
type ItemColumn = Omit<ItemFacts, 'acquiredAt'> & { readonly acquiredAt: string };

function columnsOf({ decided, ...write }: AnsweredDecision) {
  const { attempt, facts, decision, experiment } = decided;
  const { person, items } = facts;
  const { classId, gameId, referencePriceFen, ...classFacts } = facts.itemClass;
  return {
    acct: write.acct,
    stage: write.stage,
    reference_id: write.referenceId,
    at: toIso(attempt.at),
    order_id: write.orderId,
    act: attempt.act,
    intent: write.intent,
    side: attempt.side,
    mechanism: attempt.mechanism,
    class_id: classId,
    game_id: gameId,
    target_order_id: write.targetOrderId,
    price_fen: String(attempt.unitPriceFen),
    quantity: attempt.quantity,
    items: items.map((item): ItemColumn => ({ ...item, acquiredAt: toIso(item.acquiredAt) })),
    // Studios issue and never place orders; the column is there for primary sales.
    role: 'player',
    age: ageOn(person.birthDate, beijingDate(attempt.at)),
    level: person.realNameLevel,
    place: PERSON_TAX_FACTS.place,
    vat_status: PERSON_TAX_FACTS.vatStatus,
    is_issuer: person.isIssuer,
    has_open_aml_case: person.hasOpenAmlCase,
    secondary_day_fen: String(person.secondaryDayFen),
    primary_month_fen: String(person.primaryMonthFen),
    class_facts: classFacts satisfies ClassColumn,
    reference_price_fen: referencePriceFen === null ? null : String(referencePriceFen),
    kind: decision.kind,
    reasons: decision.reasons,
    pack_hash: `\\x${decision.packHash}`,
    experiment_id: experiment?.id ?? null,
    experiment_hash: experiment === null ? null : `\\x${experiment.hash}`,
    participation: experiment?.participation ?? null,
    arm: experiment?.arm ?? null,
    outcome: write.outcome,
  };
}

type Columns = Omit<ReturnType<typeof columnsOf>, 'at' | 'pack_hash' | 'experiment_hash' | 'acct' | 'class_facts'> & {
  readonly at: Date;
  readonly acct: string;
  readonly pack_hash: Uint8Array;
  readonly experiment_hash: Uint8Array | null;
  readonly class_facts: ClassColumn;
};

/** What `decide` takes, and what it answered then. */
export type DecisionRecord = {
  readonly acct: AccountId;
  readonly stage: DecisionWrite['stage'];
  readonly referenceId: string;
  readonly orderId: OrderId | null;
  readonly intent: DecisionWrite['intent'];
  readonly attempt: Attempt;
  /** The birth date stands in: the first of January that gives the age that was recorded. */
  readonly facts: DecisionFacts;
  readonly place: (typeof PERSON_TAX_FACTS)['place'];
  readonly vatStatus: (typeof PERSON_TAX_FACTS)['vatStatus'];
  readonly kind: Decided['decision']['kind'];
  readonly reasons: readonly Reason[];
  readonly packHash: string;
  readonly experiment: Decided['experiment'];
  readonly outcome: string;
};

/** Attempts of `[from, to)`, and those of orders that stood when it began, in the order of replay: by time, then by reference. */
export async function listDecisions(
  sql: Queryable,
  period: { readonly from: Instant; readonly to: Instant },
): Promise<readonly DecisionRecord[]> {
  const rows = await query<Columns>(
    sql,
    `select * from compliance.decisions where (at >= $1 and at < $2) or order_id in (
       select order_id from market.orders where placed_at < $1 and (ended_at is null or ended_at >= $1))
     order by at, acct, stage, reference_id`,
    [toIso(period.from), toIso(period.to)],
  );
  return rows.map(recordOf);
}

function recordOf(row: Columns): DecisionRecord {
  const attemptAt = at(row.at);
  const unitPriceFen = parseFen(row.price_fen);
  // A gift is no trade, and counts under no ceiling of trades.
  const trades = row.intent === 'gift' ? 0 : mostTrades(row.intent, row.quantity);
  const most = { unitPriceFen, worstUnitFen: unitPriceFen, quantity: row.quantity, mostTrades: trades };
  return {
    acct: parseAccountId(row.acct),
    stage: row.stage,
    referenceId: row.reference_id,
    orderId: row.order_id === null ? null : parseOrderId(row.order_id),
    intent: row.intent,
    attempt: {
      at: attemptAt,
      act: row.act,
      side: row.side,
      mechanism: row.mechanism,
      unitPriceFen,
      quantity: row.quantity,
      ...atMost(most),
    },
    facts: {
      person: {
        personRef: row.acct,
        birthDate: `${Number(beijingDate(attemptAt).slice(0, 'yyyy'.length)) - row.age}-01-01`,
        realNameLevel: row.level,
        secondaryDayFen: parseFen(row.secondary_day_fen),
        primaryMonthFen: parseFen(row.primary_month_fen),
        isIssuer: row.is_issuer,
        hasOpenAmlCase: row.has_open_aml_case,
      },
      itemClass: {
        ...row.class_facts,
        classId: row.class_id,
        gameId: row.game_id,
        referencePriceFen: row.reference_price_fen === null ? null : fen(BigInt(row.reference_price_fen)),
      },
      items: row.items.map((item) => ({ ...item, acquiredAt: parseInstant(item.acquiredAt) })),
    },
    place: row.place,
    vatStatus: row.vat_status,
    kind: row.kind,
    reasons: row.reasons,
    packHash: toHex(row.pack_hash),
    experiment:
      row.experiment_id === null || row.experiment_hash === null || row.participation === null
        ? null
        : { id: row.experiment_id, hash: toHex(row.experiment_hash), participation: row.participation, arm: row.arm },
    outcome: row.outcome,
  };
}
