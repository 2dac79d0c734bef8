/** Who may open what of a Trade (`ledger.md` 15.2): supervisors everything, each party the price and its own terms; what the seller earns,
 *  paid for the item and owes is hidden from the buyer. */
import { SLOT } from '#ledger/crypto/envelope-codec.ts';
import { FIELD_SETS, fieldLeaf, type OpenField } from '#ledger/merkle/field-tree.ts';
import type { EnvelopeVault } from '#ledger/node/envelope-vault.ts';
import { accountIdBytes, idBytes } from '#ledger/primitives/ids.ts';
import type { OrderRow, TradeRow } from './model.ts';
import { parseTerms } from './terms.ts';

type EnvelopeInput = Parameters<EnvelopeVault['seal']>[0][number];
type Disclosure = EnvelopeInput['supervisors'][number];

/** taxLines, taxTotalFen, sellerNetFen, costBasisFen, assessmentHash, and in the extension what was assessed (15.1, set 1). */
const SELLER_ONLY: ReadonlySet<number> = new Set([5, 6, 7, 8, 9, 15]);
const NOTHING: ReadonlySet<number> = new Set();

export function tradeEnvelope(
  trade: Pick<TradeRow, 'tradeId' | 'seller' | 'buyer'>,
  orders: { readonly sell: OrderRow; readonly buy: OrderRow },
  pay: readonly OpenField[],
): EnvelopeInput {
  const sellTerms = disclose(SLOT.sellTerms, FIELD_SETS.terms, parseTerms(orders.sell.terms), NOTHING);
  const buyTerms = disclose(SLOT.buyTerms, FIELD_SETS.terms, parseTerms(orders.buy.terms), NOTHING);
  const payForAll = disclose(SLOT.pay, FIELD_SETS.pay, pay, NOTHING);
  return {
    ref: idBytes(trade.tradeId),
    supervisors: [payForAll, sellTerms, buyTerms],
    seller: { acct: accountIdBytes(trade.seller), disclosures: [payForAll, sellTerms] },
    buyer: { acct: accountIdBytes(trade.buyer), disclosures: [disclose(SLOT.pay, FIELD_SETS.pay, pay, SELLER_ONLY), buyTerms] },
  };
}

function disclose(slot: number, set: number, fields: readonly OpenField[], hiddenIds: ReadonlySet<number>): Disclosure {
  const numbered = fields.map((field, id) => ({ field, id }));
  return {
    slot,
    open: numbered
      .filter(({ id }) => !hiddenIds.has(id))
      .map(({ field, id }) => ({ id, salt: new Uint8Array(field.salt), value: new Uint8Array(field.value) })),
    hidden: numbered.filter(({ id }) => hiddenIds.has(id)).map(({ field, id }) => ({ id, hash: fieldLeaf(set, id, field) })),
  };
}
