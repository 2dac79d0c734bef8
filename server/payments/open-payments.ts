/** Money in and out: our side of the talk with the payment institution, and the loop that keeps it going. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Ground } from '#server/context.ts';
import type { Sql, Tx } from '#server/db.ts';
import type { TransferAnswer, TransferRequest } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { CheckoutRow } from './checkout.repo.ts';
import {
  getDelivered,
  listInstructionsAfter,
  listUnsubmitted,
  markSubmitted,
  saveDelivered,
  type WaitingTransfer,
} from './handover.repo.ts';
import { copyBooks } from './institution-copy.repo.ts';
import type { PaymentProvider, ProviderEvent } from './provider.ts';
import type { PayAnswer, PayWay } from './simulated-checkout.ts';
import { DEMONSTRATION_PACE, type Institution, type Pace, simulatedInstitution } from './simulated-institution.ts';
import { transferOf } from './transfers.repo.ts';
import { applyProviderEvent, requestTransfer, type TransferFacts } from './transfers.ts';

const BATCH = 1_000;
/** Waits between two turns: one that did something may have more to do. */
const BUSY_MS = 40;
const IDLE_MS = 300;

export type PaymentsGround = Ground & { readonly outbox: Pick<Outbox, 'append'> };
export type PaymentsOptions = {
  readonly pace?: Pace;
  readonly institution?: Institution;
  /** The simulated institution's own database; what it says is copied from there, as a statement is. Absent: its books lie beside ours. */
  readonly institutionSql?: Sql;
  /** After an event of the institution is booked: a purchase may have been paid. */
  readonly onBooked?: () => void;
  /** Whether the books contradict each other about an account: nothing is paid out of it meanwhile. */
  readonly isBroken?: (acct: AccountId) => boolean;
};

export interface Payments {
  readonly provider: PaymentProvider;
  /** Answers when the request is durable; the outcome comes by the player's feed. */
  deposit(player: Player, request: TransferRequest): Promise<TransferAnswer>;
  withdraw(player: Player, request: TransferRequest): Promise<TransferAnswer>;
  /** The simulated institution's page for a payment order of this player's. */
  findCheckout(player: Player, transferId: string): Promise<CheckoutRow | null>;
  payCheckout(player: Player, transferId: string, way: PayWay): Promise<PayAnswer>;
  /** There is something to hand over: do not wait for the next turn. */
  wake(): void;
  /** Hands over what waits, lets the institution work, takes its callbacks. Runs by itself after `start`. @returns whether anything was done */
  turn(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

export function openPayments(ground: PaymentsGround, options: PaymentsOptions = {}): Payments {
  const { sql, clock, random, ledger, log, outbox } = ground;
  const { institutionSql = sql } = options;
  const institution =
    options.institution ?? simulatedInstitution({ clock, random, sql: institutionSql }, options.pace ?? DEMONSTRATION_PACE);
  const { onBooked = () => undefined, isBroken = () => false } = options;
  let isRunning = false;
  let timer: NodeJS.Timeout | null = null;
  let turning: Promise<void> = Promise.resolve();

  /** In the line of the one writer: no trade spends what is being paid out, and the other way round. */
  const inLine = <T extends object>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    ledger.runGroup(async () => {
      const { result } = await sql.begin(async (tx) => ({ result: await work(tx) }));
      return result;
    });

  async function request(facts: Omit<TransferFacts, 'now' | 'isBroken'>): Promise<TransferAnswer> {
    const outcome = await inLine(async (tx) => {
      const requested = await requestTransfer(tx, { ...facts, now: clock.now(), isBroken: isBroken(facts.player.acct) });
      if (requested.kind === 'requested') await outbox.append(tx, requested.messages);
      return requested;
    });
    if (outcome.kind === 'rejected') return outcome;
    schedule(0);
    return { kind: 'requested', replayed: outcome.replayed, transfer: transferOf(outcome.row) };
  }

  async function receive(event: ProviderEvent): Promise<boolean> {
    try {
      const { warning } = await inLine(async (tx) => {
        const result = await applyProviderEvent(tx, event, clock.now());
        await outbox.append(tx, result.messages);
        return result;
      });
      onBooked();
      if (warning !== null) log.warn({ event: event.eventId, transferId: event.referenceId }, warning);
      return true;
    } catch (error) {
      log.error({ error, event: event.eventId }, "couldn't take an event of the payment institution; it will come again");
      return false;
    }
  }

  async function handOver(): Promise<number> {
    const waiting = await listUnsubmitted(sql);
    for (const transfer of waiting) {
      await submit(institution, transfer);
      await markSubmitted(sql, transfer, clock.now());
    }
    const instructions = await listInstructionsAfter(sql, await getDelivered(sql), BATCH);
    const last = instructions.at(-1);
    if (last === undefined) return waiting.length;
    await institution.execute(instructions);
    await saveDelivered(sql, last.instructionId);
    return waiting.length + instructions.length;
  }

  /** Somebody else's order looks like none. */
  async function ownCheckout(player: Player, transferId: string): Promise<CheckoutRow | null> {
    const checkout = await institution.cashDesk.find(transferId);
    return checkout === null || checkout.ref !== player.acct ? null : checkout;
  }

  async function turn(): Promise<boolean> {
    const handed = await handOver();
    const worked = await institution.turn(receive);
    if (institutionSql !== sql) await copyBooks(institutionSql, sql);
    return handed > 0 || worked;
  }

  function schedule(waitMs: number): void {
    if (!isRunning) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      turning = turning.then(async () => {
        const wasBusy = await turn().catch((error: unknown) => {
          log.error({ error }, "couldn't finish a turn with the payment institution; what waits is tried again");
          return false;
        });
        if (timer === null) schedule(wasBusy ? BUSY_MS : IDLE_MS);
      });
    }, waitMs);
    timer.unref();
  }

  return {
    provider: institution,
    deposit: (player, { referenceId, amountFen }) => request({ player, kind: 'deposit', referenceId, amountFen }),
    withdraw: (player, { referenceId, amountFen }) => request({ player, kind: 'withdrawal', referenceId, amountFen }),
    findCheckout: ownCheckout,
    payCheckout: async (player, transferId, way) => {
      if ((await ownCheckout(player, transferId)) === null) return { kind: 'rejected', code: 'checkout_unknown' };
      const answer = await institution.cashDesk.pay(transferId, way);
      schedule(0);
      return answer;
    },
    wake: () => schedule(0),
    turn,
    start: () => {
      isRunning = true;
      schedule(0);
    },
    stop: async () => {
      isRunning = false;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await turning;
    },
  };
}

function submit(provider: PaymentProvider, transfer: WaitingTransfer): Promise<void> {
  const { kind, referenceId, acct, amountFen } = transfer;
  const order = { referenceId, acct, amountFen };
  switch (kind) {
    case 'deposit':
      return provider.createDeposit(order);
    case 'purchase':
      return provider.createCheckout({ ...order, purpose: transfer.purpose, expiresAt: transfer.expiresAt });
    case 'withdrawal':
      return provider.requestPayout(order);
    case 'refund':
      return provider.requestRefund(order);
  }
}
