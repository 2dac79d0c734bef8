/** Compares a room with the certified log as both grow (V-04). Loaded on demand. What is read is only what is new, and of the past as much as
 *  there are messages of. */
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { checkpointText } from '#ledger/proof/checkpoint.ts';
import { CertifiedLog } from '#ledger/verify/certified-log.ts';
import { VerifyFailure } from '#ledger/verify/verdict.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import { type FollowedRoom, newestHead } from './feed.ts';
import { type Comparison, type LedgerTrade, TradeComparer, tradesOf } from './trade-comparer.ts';

export { isToldOfTrades } from './trade-comparer.ts';

const LOOK_MS = 10_000;
/** So many receipts go into a proof. */
const PROVEN_AT_ONCE = 20;

export type LedgerState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'unreachable' }
  /** `height`: every trade up to this block has its message, from `fromHeight` on; `null`: no trade is as new as the messages. */
  | {
      readonly kind: 'complete';
      readonly chain: string;
      readonly height: bigint;
      readonly sealedMs: number;
      readonly fromHeight: bigint | null;
      readonly count: number;
    }
  | {
      readonly kind: 'missing';
      readonly chain: string;
      readonly trades: readonly LedgerTrade[];
      readonly proof: () => Promise<string>;
    }
  /** The ledger's files as they are served do not hold. */
  | { readonly kind: 'unproven'; readonly code: string };

export type LedgerWatch = {
  /** Of what came into the room. */
  readonly tell: (messages: readonly FeedMessage[]) => void;
  readonly stop: () => void;
};

// Verifying draws no randomness.
const sm2 = portableSm2(() => {
  throw new Error('the ledger is only verified here');
});

export function watchLedger(room: string, followed: FollowedRoom, onState: (state: LedgerState) => void): LedgerWatch {
  const log = new CertifiedLog({ file: readFile, sm2 });
  const comparer = new TradeComparer(room);
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last: LedgerState = { kind: 'reading' };
  const say = (state: LedgerState) => {
    last = state;
    if (!isStopped) onState(state);
  };

  const isWhole = () => followed.firstSeq() === 1;
  const compare = async (): Promise<Comparison> => {
    while ((isWhole() || comparer.wantsOlderEntries) && !log.isWhole && !isStopped) comparer.read(tradesOf(await log.older()));
    return comparer.compare(isWhole());
  };

  /** @returns null when the room could not be had now */
  async function look(): Promise<Comparison | null> {
    comparer.read(tradesOf(await log.advance()));
    if (followed.firstSeq() === null) return null;
    let comparison = await compare();
    if (comparison.missing.length + comparison.unsure.length === 0) return comparison;
    // A trade is told of before it can be certified: once the room is here as it is now, whatever the log had before must be in it.
    if (!(await followed.caughtUp())) return null;
    comparison = await compare();
    while (comparison.unsure.length > 0 && (await followed.older())) comparison = await compare();
    return comparison;
  }

  async function step(): Promise<void> {
    try {
      const comparison = await look();
      say(comparison === null || log.tip === null ? { kind: 'reading' } : stateOf(room, log.tip, comparison));
    } catch (error) {
      if (error instanceof VerifyFailure) say({ kind: 'unproven', code: `${error.code} ${error.facts.reason}` });
      else if (error instanceof ParseError) say({ kind: 'unproven', code: error.code });
      else if (last.kind !== 'complete') say({ kind: 'unreachable' });
    }
    if (!isStopped) timer = setTimeout(() => void step(), last.kind === 'reading' ? LOOK_MS / 10 : LOOK_MS);
  }
  say(last);
  void step();

  return {
    tell: (messages) => comparer.tell(messages),
    stop: () => {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

type Tip = NonNullable<CertifiedLog['tip']>;

function stateOf(room: string, tip: Tip, { from, count, missing }: Comparison): LedgerState {
  const chain = toHex(tip.chain);
  if (missing.length > 0) return { kind: 'missing', chain, trades: missing, proof: () => proofOf(room, tip, missing) };
  return {
    kind: 'complete',
    chain,
    height: tip.header.height,
    sealedMs: Number(tip.header.sealedAt),
    fromHeight: from?.height ?? null,
    count,
  };
}

/** What shows it to somebody else: the certified head, each trade with its receipt, and the signed head of a room that does not tell of it. */
async function proofOf(room: string, tip: Tip, missing: readonly LedgerTrade[]): Promise<string> {
  const trades = missing.slice(0, PROVEN_AT_ONCE).map(async ({ tradeId, txId, index, height }) => {
    const receipt = await readFile(`receipt/${txId}`).catch(() => null);
    return { tradeId, txId, entry: index, block: String(height), receipt: receipt === null ? null : toBase64(receipt) };
  });
  const document = {
    code: 'trade_without_message',
    room,
    signedHead: newestHead(room),
    checkpoint: checkpointText(tip.header, tip.finality),
    missing: missing.length,
    trades: await Promise.all(trades),
  };
  return JSON.stringify(document, null, 2);
}

async function readFile(path: string): Promise<Bytes | null> {
  const response = await fetch(`/ledger/v1/${path}`);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the ledger answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
