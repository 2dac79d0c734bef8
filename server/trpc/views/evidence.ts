/** What a party sees of its evidence packages (product P-45). */
import type { Hex, IsoText } from './words.ts';

export type EvidenceExport = {
  readonly exportId: string;
  readonly subject: { readonly kind: 'trade' | 'item'; readonly id: string };
  readonly caseRef: string;
  readonly state: 'waiting' | 'built' | 'failed';
  /** Why it failed, as a code. */
  readonly reason: string | null;
  readonly requestedAt: IsoText;
  readonly builtAt: IsoText | null;
  /** SM3 of the zip. */
  readonly sm3: Hex | null;
  readonly size: number | null;
};
