/** A trade, its kind and two documents of terms: 168 hours of protection under hash 01…, 72 under 02…. */
import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import type { Order } from '#ledger/codec/order.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { TermsFacts } from '#server/members/checks/class-terms.ts';

const filled = (byte: number, length = 32) => new Uint8Array(length).fill(byte);

export function ledgerWorld(): {
  readonly body: TxBody;
  readonly leaf: ClassLeaf;
  readonly documents: ReadonlyMap<string, TermsFacts>;
} {
  const order: Order = {
    chain: filled(9),
    salt: filled(0, 16),
    acct: filled(1),
    side: 0,
    cls: 0,
    items: [{ serial: 0n, ver: 1n }],
    quantity: 1,
    counterparty: null,
    notBefore: 0n,
    notAfter: 1n,
    terms: filled(0),
  };
  const signed = { order, sigs: [] };
  const body: TxBody = {
    chain: filled(9),
    salt: filled(0, 16),
    notBefore: 900_000n,
    notAfter: 2_000_000n,
    op: {
      kind: 'trade',
      tradeId: filled(0, 16),
      sell: signed,
      buy: signed,
      items: [0n],
      pay: filled(0),
      env: filled(0),
      rulePack: filled(0),
      protectMs: 604_800_000,
      experiment: null,
    },
  };
  const leaf: ClassLeaf = {
    serial: 0n,
    issuer: filled(3),
    ext: filled(0),
    transferRule: 0,
    flags: 0,
    supplyCap: 0n,
    minted: 1n,
    burned: 0n,
    frozenUntil: 0n,
    meta: filled(0),
    media: filled(0),
    terms: filled(1),
    nextTerms: filled(0),
    nextTermsAt: 0n,
    lastEntry: 0n,
  };
  const documents = new Map([
    [toHex(filled(1)), { royaltyBps: 200, protectionHours: 168, isResalable: true, mintSchedule: [] }],
    [toHex(filled(2)), { royaltyBps: 300, protectionHours: 72, isResalable: true, mintSchedule: [] }],
  ]);
  return { body, leaf, documents };
}
