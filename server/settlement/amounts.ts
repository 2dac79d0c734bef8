/** What a price splits into: fee and royalty from the seller, half up to the fen, once each (rulebook 2.6.2 step 6). */

export type Amounts = { readonly grossFen: bigint; readonly feeFen: bigint; readonly royaltyFen: bigint; readonly netFen: bigint };

/** `rhu(gross × bps, 10 000)` for amounts that are not negative. */
export function shareOf(grossFen: bigint, bps: number): bigint {
  return (2n * grossFen * BigInt(bps) + 10_000n) / 20_000n;
}

export function amountsOf(unitPriceFen: bigint, quantity: number, feeBps: number, royaltyBps: number): Amounts {
  const grossFen = unitPriceFen * BigInt(quantity);
  const feeFen = shareOf(grossFen, feeBps);
  const royaltyFen = shareOf(grossFen, royaltyBps);
  return { grossFen, feeFen, royaltyFen, netFen: grossFen - feeFen - royaltyFen };
}

/** Piece `index` of `units` equal pieces of an amount: together they are the amount to the fen (rulebook 2.6.6). */
export function pieceOf(totalFen: bigint, units: number, index: number): bigint {
  const upTo = (taken: number) => (2n * totalFen * BigInt(taken) + BigInt(units)) / (2n * BigInt(units));
  return upTo(index + 1) - upTo(index);
}
