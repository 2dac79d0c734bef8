/**
 * A Transfer that waits for its recipient. No LedgerTx holds longer than a day (`ledger.md` 5), so the owner signs several, each with a
 * window of its own, in one batch; whichever enters spends the version that the others name.
 */
import type { TxBody } from '#ledger/codec/tx.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';

const WINDOW_MS = 24 * 3_600_000;
/** Windows overlap by a quarter, so that the one in use has hours left whenever the recipient comes. */
const STEP_MS = 18 * 3_600_000;
/** For a clock that is ahead of the ledger's. */
const LEAD_MS = 5 * 60_000;
/** What must be left of a window when it is used: the block is sealed later than the recipient signs. */
export const TRANSFER_LEFT_MS = 30 * 60_000;

export type TransferFacts = {
  readonly chain: Bytes;
  readonly serial: bigint;
  readonly ver: bigint;
  readonly to: Bytes;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
};

/** `random`: salts of 16 bytes. Earliest first. */
export function buildTransfers(facts: TransferFacts, random: (length: number) => Bytes): readonly TxBody[] {
  const bodies: TxBody[] = [];
  let covered = facts.from;
  for (let begin = facts.from - LEAD_MS; covered < facts.until + TRANSFER_LEFT_MS; begin += STEP_MS) {
    covered = begin + WINDOW_MS;
    bodies.push({
      chain: facts.chain,
      salt: random(16),
      notBefore: BigInt(begin),
      notAfter: BigInt(covered),
      op: { kind: 'transfer', serial: facts.serial, ver: facts.ver, to: facts.to, pay: ZERO_32, env: ZERO_32 },
    });
  }
  return bodies;
}

/** The one to use at `now`: the latest that has begun. Null: none has, or the last runs out. */
export function transferFor(bodies: readonly TxBody[], now: number): TxBody | null {
  const begun = bodies.filter(({ notBefore }) => notBefore <= BigInt(now)).at(-1);
  return begun === undefined || begun.notAfter < BigInt(now + TRANSFER_LEFT_MS) ? null : begun;
}

/** Whether a window stands open at every moment from `from` to `until`, with enough of it left. */
export function coverTransfers(bodies: readonly TxBody[], from: number, until: number): boolean {
  let covered = from;
  for (const { notBefore, notAfter } of bodies) {
    if (notBefore > BigInt(covered) || notAfter - notBefore > BigInt(WINDOW_MS)) return false;
    covered = Number(notAfter) - TRANSFER_LEFT_MS;
  }
  return bodies.length > 0 && covered >= until;
}
