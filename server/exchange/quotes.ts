/** The server's signature under a quote (product P-18). Quotes of this process are remembered while they are valid, so that a placement
 *  costs no second SM2 verification; one that is not remembered (after a restart) is verified. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { type Bytes, concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Quote, QuoteDocument } from '#server/trpc/views.ts';

const DOMAIN = utf8('daoju.quote/1\n');
export const QUOTE_MS = 60_000;
const REMEMBERED = 200_000;

export interface Quotes {
  sign(document: QuoteDocument): Pick<Quote, 'document' | 'quoteHash' | 'sig' | 'keyId'>;
  isOurs(quoteHash: Uint8Array, quote: { readonly document: QuoteDocument; readonly sig: string }): boolean;
}

export function quoteBytes(document: QuoteDocument): Bytes {
  return concat(DOMAIN, canonicalBytes({ ...document }));
}

export function openQuotes(ledger: Pick<LedgerNode, 'sm2' | 'operator'>, now: () => Instant): Quotes {
  const remembered = new Map<string, { readonly sig: string; readonly until: number }>();
  return {
    sign: (document) => {
      const quoteHash = toHex(sm3(canonicalBytes({ ...document })));
      // The same document twice in a millisecond is one quote, with one signature.
      const sig = remembered.get(quoteHash)?.sig ?? toHex(ledger.sm2.sign(ledger.operator.privateKey, quoteBytes(document)));
      forget(remembered, now());
      remembered.set(quoteHash, { sig, until: now() + QUOTE_MS });
      return { document, quoteHash, sig, keyId: toHex(ledger.operator.publicKey).slice(0, 16) };
    },
    isOurs: (quoteHash, { document, sig }) => {
      const known = remembered.get(toHex(quoteHash));
      if (known !== undefined) return known.sig === sig;
      try {
        return ledger.sm2.verify(ledger.operator.publicKey, quoteBytes(document), fromHex(sig, 64));
      } catch (error) {
        if (error instanceof ParseError) return false;
        throw error;
      }
    },
  };
}

/** A Map keeps the order of insertion, so the oldest stand first. */
function forget(remembered: Map<string, { readonly until: number }>, now: number): void {
  for (const [hash, { until }] of remembered) {
    if (until > now && remembered.size < REMEMBERED) return;
    remembered.delete(hash);
  }
}
