/** Files that stand without us (product P-31, P-43): receipt of a trade and passport of an item, with the fields that the holder may open. */
import { FIELD_SETS, type FieldSet, fieldPath, type OpenField } from '#ledger/merkle/field-tree.ts';
import { type Bytes, fromHex, toBase64 } from '#ledger/primitives/bytes.ts';
import { type AccountId, type ItemId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import type { DisclosedField } from '#ledger/proof/build-receipt.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { OpenedField } from '#server/trpc/views.ts';
import { found } from './input.ts';
import { type ReadGround, readSnapshot, type Snapshot } from './snapshot.ts';
import { findLedgerPlace, findOpenedFields, findTrade, type TradeRecord } from './trades.repo.ts';

/** `file` is a `.plproof` in base64. */
export type ProofFile = { readonly file: string; readonly name: string };

const SLOT = { pay: 0, sellTerms: 1, buyTerms: 2 } as const;
/** Ids of `ledger.md` 15.1, set 1. The seller's taxes, net and cost stay the seller's. */
const PAY_OF_BOTH: readonly number[] = [1, 2, 3, 4, 10, 11, 12, 13, 14];
const PAY_OF_SELLER: readonly number[] = [...PAY_OF_BOTH, 5, 6, 7, 8, 9];
/** What the passport of an item tells of its holder's own purchases and sales. */
const PAY_OF_PASSPORT: readonly number[] = [1, 2, 13, 14];
/** Set 2: price, currency, kind of order, life, fee, quote, disclosure. */
const OWN_TERMS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 9];

/** @throws {RefusalError} `trade_unknown`, `not_certified` */
export async function getReceipt(ground: ReadGround, acct: AccountId, tradeId: TradeId): Promise<ProofFile> {
  const { txId, fields } = await readSnapshot(ground, acct, async (snapshot) => {
    const known = await findTrade(snapshot, tradeId);
    const trade = found(known !== null && isParty(known, acct) ? known : null, 'trade_unknown');
    return { txId: certifiedTxId(trade), fields: await fieldsOf(snapshot, trade, acct, 'receipt') };
  });
  const bytes = found(await ground.ledger.receipt(fromHex(txId, 32), fields), 'not_certified');
  return proofFile(bytes, `receipt-${tradeId}`);
}

/** Anybody may have it; fields are opened to the parties of a trade only. @throws {RefusalError} `item_unknown`, `not_certified` */
export async function getPassport(ground: ReadGround, acct: AccountId | null, itemId: ItemId): Promise<ProofFile> {
  const { serial, fields } = await readSnapshot(ground, acct, async (snapshot) => {
    const [item] = await query<{ ledger_serial: string }>(snapshot.tx, 'select ledger_serial from custody.items where item_id = $1', [
      itemId,
    ]);
    return { serial: found(item ?? null, 'item_unknown').ledger_serial, fields: await ownFields(snapshot, acct, itemId) };
  });
  const bytes = found(await ground.ledger.passport(BigInt(serial), fields), 'not_certified');
  return proofFile(bytes, `passport-${itemId}`);
}

function proofFile(bytes: Bytes, name: string): ProofFile {
  return { file: toBase64(bytes), name: `${name}.plproof` };
}

export function isParty({ seller, buyer }: TradeRecord, acct: AccountId): boolean {
  return seller === acct || buyer === acct;
}
function certifiedTxId({ tx_id: txId }: TradeRecord): string {
  return found(txId, 'not_certified');
}

export async function ownFields(snapshot: Snapshot, acct: AccountId | null, itemId: ItemId): Promise<readonly DisclosedField[]> {
  if (acct === null) return [];
  const rows = await query<{ trade_id: string }>(
    snapshot.tx,
    `select t.trade_id from market.trade_items ti join market.trades t on t.trade_id = ti.trade_id
     where ti.item_id = $1 and (t.seller = $2 or t.buyer = $2) and t.certified_at is not null and t.state <> 'reversed' order by t.seq desc limit 5`,
    [itemId, acct],
  );
  const fields: DisclosedField[] = [];
  for (const row of rows) {
    const trade = await findTrade(snapshot, parseTradeId(row.trade_id));
    if (trade !== null) fields.push(...(await fieldsOf(snapshot, trade, acct, 'passport')));
  }
  return fields;
}

export async function fieldsOf(
  snapshot: Snapshot,
  trade: TradeRecord,
  acct: AccountId,
  file: 'receipt' | 'passport',
): Promise<readonly DisclosedField[]> {
  const [opened, place] = await Promise.all([
    findOpenedFields(snapshot, trade.tradeId),
    trade.tx_id === null ? null : findLedgerPlace(snapshot, trade.tx_id),
  ]);
  const index = place?.index ?? null;
  if (opened === null || opened.pay === null || index === null) return [];
  const entry = BigInt(index);
  const isSeller = acct === trade.seller;
  const payIds = file === 'passport' ? PAY_OF_PASSPORT : isSeller ? PAY_OF_SELLER : PAY_OF_BOTH;
  const pay = disclose(entry, SLOT.pay, FIELD_SETS.pay, opened.pay, payIds);
  if (file === 'passport') return pay;
  const terms = isSeller
    ? disclose(entry, SLOT.sellTerms, FIELD_SETS.terms, opened.sellTerms, OWN_TERMS)
    : disclose(entry, SLOT.buyTerms, FIELD_SETS.terms, opened.buyTerms, OWN_TERMS);
  return [...pay, ...terms];
}

function disclose(
  entry: bigint,
  slot: number,
  set: FieldSet,
  opened: readonly OpenedField[],
  ids: readonly number[],
): readonly DisclosedField[] {
  const fields: readonly OpenField[] = opened.map(({ salt, value }) => ({ salt: fromHex(salt, 16), value: fromHex(value) }));
  return [...ids]
    .sort((a, b) => a - b)
    .flatMap((id) => {
      const field = opened[id];
      if (field === undefined || field.value === '') return [];
      return [{ entry, slot, id, salt: fromHex(field.salt, 16), value: fromHex(field.value), path: fieldPath(set, fields, id) }];
    });
}
