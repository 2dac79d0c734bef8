/** What somebody means who writes into the explorer's search: a page, or an id that may be a transaction's or an account's. */
export type ExplorerPlace = { readonly kind: 'address'; readonly href: string } | { readonly kind: 'hex'; readonly id: string };

const ADDRESSES: readonly (readonly [RegExp, string])[] = [
  [/^(\d{1,15})$/, '/explorer/blocks/'],
  [/^#\s*(\d{1,15})$/, '/explorer/entries/'],
  [/^(?:item|道具)\s*#?\s*(\d{1,15})$/i, '/explorer/state/items/'],
  [/^(?:kind|class|品类)\s*#?\s*(\d{1,15})$/i, '/explorer/state/classes/'],
];

/** Null: it means nothing here. */
export function explorerPlace(text: string): ExplorerPlace | null {
  const written = text.trim();
  if (/^[0-9a-f]{64}$/i.test(written)) return { kind: 'hex', id: written.toLowerCase() };
  for (const [pattern, prefix] of ADDRESSES) {
    const number = pattern.exec(written)?.[1];
    if (number !== undefined) return { kind: 'address', href: `${prefix}${BigInt(number)}` };
  }
  return null;
}
