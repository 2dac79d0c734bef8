/** The moment that decides day, month and pack of a sale (CN-VAT-09): when the buyer paid, or, by the pack's switch, when the money became
 *  the seller's. A pack without the switch counts the payment. */
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { findConstant } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';

/** @throws {ParseError} `tax_point_unknown` the release counts, and nobody knows it */
export function taxPointOf(pack: RulePack, sale: { readonly paidAt: Instant; readonly releasedAt: Instant | null }): Instant {
  if (findConstant(pack, 'vatTaxPoint')?.value !== 'RELEASE') return sale.paidAt;
  if (sale.releasedAt === null) throw new ParseError('tax_point_unknown', { expected: 'the moment of release' });
  return sale.releasedAt;
}
