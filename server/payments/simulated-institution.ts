/**
 * A licensed payment institution, simulated and shown as such: its own double-entry books in its own schema, its own pace, callbacks
 * late, twice and out of order. It knows of us only what is handed to it.
 *
 * Amounts steer it so that each path can be walked by hand: a transfer whose amount ends in .13 yuan is declined; a deposit that ends in
 * .14 is first reported as failed and arrives all the same; one that ends in .15 comes from a bank abroad.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { drawBelow, type Random } from '#server/random.ts';
import {
  book,
  type CallbackWrite,
  endRequest,
  findPot,
  insertCallbacks,
  insertRequest,
  listDueCallbacks,
  listPots,
  listStatement,
  lockCursor,
  lockDueRequests,
  markDelivered,
  moveCursor,
  type RequestRow,
  readBooks,
} from './institution.repo.ts';
import type { Instruction, PaymentProvider, ProviderBalance, ProviderEvent, TransferOrder } from './provider.ts';
import { type CashDesk, createCashDesk } from './simulated-checkout.ts';

/** Milliseconds; each wait is drawn between half and one and a half of its figure. */
export type Pace = { readonly workMs: number; readonly callbackMs: number; readonly repeatMs: number };
export const DEMONSTRATION_PACE: Pace = { workMs: 900, callbackMs: 300, repeatMs: 2_500 };

export const PROVIDER_NAME = 'Daoju Simulated Payment Institution';

const DECLINED = 13n;
const LATE = 14n;
const ABROAD = 15n;
/** One `processing` in so many arrives after the outcome. */
const OUT_OF_ORDER = 4;

export type Deliver = (event: ProviderEvent) => Promise<boolean>;

export interface Institution extends PaymentProvider {
  readonly cashDesk: Pick<CashDesk, 'find' | 'pay'>;
  /** Does due work and delivers due callbacks. An event that `deliver` does not acknowledge comes again. @returns whether anything was done */
  turn(deliver: Deliver): Promise<boolean>;
}

export type InstitutionGround = { readonly sql: Sql; readonly clock: Clock; readonly random: Random };

export function simulatedInstitution({ sql, clock, random }: InstitutionGround, pace: Pace = DEMONSTRATION_PACE): Institution {
  /** The pace is never exact, so that nothing can come to rely on it. */
  const later = (from: Instant, meanMs: number): Instant => instant(from + Math.floor(meanMs / 2) + drawBelow(random, meanMs + 1));

  const accept = (kind: 'pay_in' | 'pay_out' | 'refund') => async (order: TransferOrder) => {
    const now = clock.now();
    const clientRef = kind === 'refund' ? refundRefOf(order.referenceId) : order.referenceId;
    const request = { clientRef, kind, ref: order.acct, amountFen: order.amountFen };
    const due = later(now, pace.workMs);
    await sql.begin(async (tx) => {
      const isNew = await insertRequest(tx, request, due);
      if (!isNew || kind === 'refund') return;
      const isLate = drawBelow(random, OUT_OF_ORDER) === 0;
      await insertCallbacks(tx, [
        {
          eventId: eventIdOf(clientRef, 1),
          clientRef,
          outcome: 'processing',
          reason: null,
          due: later(isLate ? due : now, isLate ? pace.repeatMs : pace.callbackMs),
        },
      ]);
    });
  };

  const cashDesk = createCashDesk({
    sql,
    now: () => clock.now(),
    afterWork: (from) => later(from, pace.workMs),
    afterCallback: (from) => later(from, pace.callbackMs),
    report: reportOf,
  });

  async function work(tx: Tx): Promise<number> {
    const now = clock.now();
    const requests = await lockDueRequests(tx, now);
    let done = await cashDesk.expire(tx, now);
    for (const request of requests) done += (await workRequest(tx, request, now)) ? 1 : 0;
    return done;
  }

  async function workRequest(tx: Tx, request: RequestRow, now: Instant): Promise<boolean> {
    const { clientRef, kind, amountFen } = request;
    // Two payouts of one customer were found due on the same money: the second waits for its instruction.
    if (kind === 'pay_out' && (await findPot(tx, request.ref, 'leaving')) < amountFen) return false;
    const ending = amountFen % 100n;
    const isDeclined = kind === 'checkout' ? request.refusal !== null : kind !== 'refund' && ending === DECLINED;
    await endRequest(tx, clientRef, isDeclined ? 'bank_declined' : null);
    const isAbroad = kind === 'pay_in' && ending === ABROAD;
    if (!isDeclined) await book(tx, [{ source: `${kind}/${clientRef}`, kind, at: now, movements: movementsOf(request), isAbroad }]);
    const report = (no: number, outcome: CallbackWrite['outcome'], reason: string | null, meanMs: number) =>
      reportOf(clientRef, no, outcome, reason, later(now, meanMs));
    const twice = (outcome: CallbackWrite['outcome'], reason: string | null) => [
      report(2, outcome, reason, pace.callbackMs),
      report(2, outcome, reason, pace.repeatMs),
    ];
    if (isDeclined) await insertCallbacks(tx, twice('failed', 'bank_declined'));
    else if (kind === 'refund') await insertCallbacks(tx, twice('refunded', null));
    else if (kind === 'pay_in' && ending === LATE) {
      const gaveUp = report(2, 'failed', 'timeout', pace.callbackMs);
      await insertCallbacks(tx, [gaveUp, { ...report(3, 'paid', null, 0), due: later(gaveUp.due, pace.repeatMs) }]);
    } else await insertCallbacks(tx, twice('paid', null));
    return true;
  }

  async function deliverCallbacks(deliver: Deliver): Promise<number> {
    let acknowledged = 0;
    for (const { callbackId, eventId, clientRef, outcome, reason } of await listDueCallbacks(sql, clock.now())) {
      const event = { eventId, referenceId: transferRefOf(clientRef), providerRef: `sim_${clientRef}`, outcome, reason };
      if (!(await deliver(event))) continue;
      // Marked after the receiver has committed: a crash between the two delivers again, which changes nothing.
      await markDelivered(sql, callbackId, clock.now());
      acknowledged += 1;
    }
    return acknowledged;
  }

  return {
    name: PROVIDER_NAME,
    isSimulated: true,
    cashDesk,
    createDeposit: accept('pay_in'),
    createCheckout: (order) => cashDesk.open(order),
    requestPayout: accept('pay_out'),
    requestRefund: accept('refund'),
    execute: (instructions) => sql.begin((tx) => executeInstructions(tx, instructions)),
    balances: (ref) => listPots(sql, ref),
    books: (referenceIds) => readBooks(sql, [...referenceIds, ...referenceIds.map(refundRefOf)]),
    statement: (day) => listStatement(sql, day),
    turn: async (deliver) => {
      const worked = await sql.begin(work);
      const delivered = await deliverCallbacks(deliver);
      return worked + delivered > 0;
    },
  };
}

async function executeInstructions(tx: Tx, instructions: readonly Instruction[]): Promise<void> {
  const executedTo = await lockCursor(tx);
  const fresh = instructions.filter(({ instructionId }) => instructionId > executedTo);
  const last = fresh.at(-1);
  if (last === undefined) return;
  assert(
    fresh.every(({ instructionId }, index) => instructionId > (fresh[index - 1]?.instructionId ?? executedTo)),
    'instructions come in ascending order',
  );
  await book(
    tx,
    fresh.map(({ instructionId, kind, at, movements }) => ({ source: `instruction/${instructionId}`, kind, at, movements })),
  );
  await moveCursor(tx, last);
}

function movementsOf({ kind, ref, amountFen }: RequestRow): readonly ProviderBalance[] {
  const signed = kind === 'pay_in' || kind === 'checkout' ? amountFen : -amountFen;
  return [
    { ref: 'reserve', pot: 'bank', amountFen: -signed },
    { ref, pot: kind === 'pay_out' ? 'leaving' : 'free', amountFen: signed },
  ];
}

export const refundRefOf = (referenceId: string): string => `${referenceId}/refund`;
const transferRefOf = (clientRef: string): string => clientRef.replace(/\/refund$/, '');
function reportOf(clientRef: string, no: number, outcome: CallbackWrite['outcome'], reason: string | null, due: Instant): CallbackWrite {
  return { eventId: eventIdOf(clientRef, no), clientRef, outcome, reason, due };
}
const eventIdOf = (clientRef: string, no: number): string => `evt_${clientRef}_${no}`;
