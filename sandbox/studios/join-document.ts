/** What a studio says of itself when it joins (product T-01). Pure, so that the browser builds the bytes that the organisation signs. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { type Bytes, concat, utf8 } from '#ledger/primitives/bytes.ts';

export type Licence = { readonly name: string; readonly number: string; readonly issuer: string };
export type JoinFacts = {
  readonly nameZh: string;
  readonly nameEn: string;
  readonly creditCode: string;
  readonly licences: readonly Licence[];
  /** Where the organisation is reached; it stands in the quarter's file (Decree 810). May be left out. */
  readonly phone?: string;
  /** In the organisation's own name. */
  readonly payout: { readonly holder: string; readonly bank: string; readonly number: string };
  /** Public key of the first write key of the API, hex. */
  readonly restKey: string;
};

/** Signed with the key of the organisation's certificate; `certificate`: its SM3, hex. */
export function joinMessage(chain: string, certificate: string, facts: JoinFacts): Bytes {
  return concat(utf8('daoju.studio-join/1\n'), canonicalBytes({ ...facts, licences: [...facts.licences], chain, certificate }));
}
