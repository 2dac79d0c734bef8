/** Trades of the certified log against the messages of a room (V-04): what an operator never told cannot be missing from his own numbers and
 *  chain, only from here. Pure: it is given what was read on either side, in any order. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { LogEntry } from '#ledger/verify/certified-log.ts';
import type { FeedMessage } from '#server/realtime/events.ts';

export type LedgerTrade = {
  readonly tradeId: string;
  /** Under which its receipt is asked for. */
  readonly txId: string;
  /** Of its entry. */
  readonly index: number;
  readonly height: bigint;
  /** About when it was settled, as its LedgerTx says. */
  readonly settledMs: number;
  /** No message about it can be older: before that one of its orders did not exist. */
  readonly earliestMs: number;
};

/** Which message tells of a trade first, by room. A room that is not here is told of no trades. */
const TELLS: Readonly<Record<string, (message: FeedMessage) => boolean>> = {
  'sup:tax': ({ type }) => type === 'tax.trade.assessed',
  'sup:market': ({ type }) => type === 'mkt.trade',
  'sup:finance': ({ type, body }) => type === 'fin.payment' && body.kind === 'split',
};
export const isToldOfTrades = (room: string): boolean => Object.hasOwn(TELLS, room);

export function tradesOf(entries: readonly LogEntry[]): readonly LedgerTrade[] {
  return entries.flatMap(({ index, entry: { height, env } }) => {
    const { op, notBefore } = env.body;
    if (op.kind !== 'trade') return [];
    const { sell, buy } = op;
    const newest = sell.order.notBefore > buy.order.notBefore ? sell.order.notBefore : buy.order.notBefore;
    return [
      {
        tradeId: `trd_${toHex(op.tradeId)}`,
        txId: toHex(txIdOf(env.body)),
        index,
        height,
        settledMs: Number(notBefore),
        earliestMs: Number(newest),
      },
    ];
  });
}

export type Comparison = {
  /** The first trade that belongs to the messages that are here; `null` while none does. */
  readonly from: LedgerTrade | null;
  /** Trades from there on. */
  readonly count: number;
  /** Their message can only be among those that are here, and is not. */
  readonly missing: readonly LedgerTrade[];
  /** Their message may be older than all that are here: older pages will tell. */
  readonly unsure: readonly LedgerTrade[];
};

export class TradeComparer {
  readonly #tells: (message: FeedMessage) => boolean;
  readonly #told = new Set<string>();
  /** In the log's order. */
  #trades: LedgerTrade[] = [];
  readonly #untold = new Map<string, LedgerTrade>();
  #firstSeq = Number.POSITIVE_INFINITY;
  #firstMs = Number.POSITIVE_INFINITY;

  constructor(room: string) {
    this.#tells = TELLS[room] ?? (() => false);
  }

  tell(messages: readonly FeedMessage[]): void {
    for (const message of messages) {
      if (message.seq < this.#firstSeq) {
        this.#firstSeq = message.seq;
        this.#firstMs = Date.parse(message.ts);
      }
      const { tradeId } = message.body;
      if (typeof tradeId !== 'string' || !(this.#tells(message) || isCorrection(message))) continue;
      this.#told.add(tradeId);
      this.#untold.delete(tradeId);
    }
  }

  /** What follows what was read, or comes before it. */
  read(trades: readonly LedgerTrade[]): void {
    const [first] = trades;
    if (first === undefined) return;
    const newest = this.#trades.at(-1);
    this.#trades = newest === undefined || first.index > newest.index ? [...this.#trades, ...trades] : [...trades, ...this.#trades];
    for (const trade of trades) if (!this.#told.has(trade.tradeId)) this.#untold.set(trade.tradeId, trade);
  }

  /** Whether messages are here that are older than every trade that was read: the log's older entries belong to them. */
  get wantsOlderEntries(): boolean {
    if (this.#firstSeq === 1) return true;
    const [oldest] = this.#trades;
    return Number.isFinite(this.#firstMs) && (oldest === undefined || oldest.settledMs >= this.#firstMs);
  }

  /** `isWhole`: the room is here from its first message on, or has none at all. */
  compare(isWhole: boolean): Comparison {
    // The log has its own order, so whoever dates a LedgerTx back does not take it out of the comparison.
    const start = isWhole ? 0 : this.#trades.findIndex(({ settledMs }) => settledMs >= this.#firstMs);
    const from = start === -1 ? null : (this.#trades[start] ?? null);
    if (from === null) return { from, count: 0, missing: [], unsure: [] };
    const untold = [...this.#untold.values()].filter(({ index }) => index >= from.index).sort((a, b) => a.index - b.index);
    const isSure = ({ earliestMs }: LedgerTrade) => isWhole || earliestMs >= this.#firstMs;
    return {
      from,
      count: this.#trades.length - start,
      missing: untold.filter(isSure),
      unsure: untold.filter((trade) => !isSure(trade)),
    };
  }
}

/** A trade that was refused and recorded once more stands behind its message, which the correction names by number. */
const isCorrection = ({ type, body }: FeedMessage): boolean =>
  (type === 'mkt.trade.corrected' || type === 'tax.trade.corrected') && typeof body.refSeq === 'number';
