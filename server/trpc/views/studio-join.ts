/** A studio that joins (product T-01). */

import type { JoinFacts } from '#sandbox/studios/join-document.ts';
import type { CoSignView } from './co-sign.ts';
import type { Hex, IsoText } from './words.ts';

export type StudioJoinStatus = {
  readonly applicationId: string;
  readonly acct: Hex;
  readonly state: 'applied' | 'verified' | 'active' | 'suspended' | 'refused';
  readonly reason: string | null;
  /** False: the test authority or another that nobody has stated to be licensed. */
  readonly isLicensed: boolean;
  /** Its last digits; null: none was given. */
  readonly phone: string | null;
  readonly appliedAt: IsoText;
  readonly recheckAt: IsoText | null;
  /** Of the opening of its account: what waits for a supervisor elsewhere, or how that ended. */
  readonly coSign: CoSignView | null;
};
/** The read key is told once. */
export type StudioJoined = Pick<StudioJoinStatus, 'applicationId' | 'acct' | 'state' | 'isLicensed'> & {
  readonly writeKeyId: string;
  readonly readKey: string;
};
/** `pem`: the organisation's certificate first; `signature`: by its key over `joinMessage`. */
export type StudioJoinInput = JoinFacts & { readonly pem: string; readonly signature: Hex };
