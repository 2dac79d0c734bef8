/** An item that was stolen goes back to whom it was taken from (products P-34, P-35): what a supervisor signs. Pure, so that the browser signs
 *  the very document that the server checks. */
import type { ItemMove, Op } from '#ledger/codec/op-types.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { CaseDocument } from './case-order.ts';

export type ReturnOrder = {
  readonly actId: string;
  readonly caseId: string;
  /** The sworn claim. */
  readonly reportId: string;
  /** Whoever holds it bought in good faith: the guarantee fund pays what it cost. */
  readonly isGoodFaith: boolean;
  readonly reason: string;
};
export function returnDocument({ actId, caseId, reportId, isGoodFaith, reason }: ReturnOrder): CaseDocument {
  return { act: 'return_item', actId, caseId, reportId, goodFaith: isGoodFaith ? 'yes' : 'no', reason };
}

export type ItemReturn = {
  /** Of the trade by which it was lost. */
  readonly entry: bigint;
  readonly item: ItemMove;
  readonly rulePack: Bytes;
};
/** The sale that it reverses was paid out long ago: no money goes back with it, and `pay` says so (`ledger.md` op 21). */
export function returnOp({ entry, item, rulePack }: ItemReturn, doc: Bytes): Op {
  return { kind: 'trade_reverse', entry, items: [item], doc, pay: ZERO_32, env: ZERO_32, rulePack };
}
