/** What the operator sees of certificates (product O-10). */
import type { Hex, IsoText } from './words.ts';

/** One certificate as the page shows it. */
export type CertificateView = {
  readonly fingerprint: Hex;
  readonly kind: 'root' | 'authority' | 'signing' | 'encryption' | 'time_stamping';
  readonly purpose: 'root' | 'authority' | 'node' | 'seal' | 'staff' | 'studio' | 'time_stamp' | 'other';
  readonly subject: string;
  readonly organisation: string;
  readonly serial: string;
  readonly notBefore: IsoText;
  readonly notAfter: IsoText;
  /** Whole days left, negative when past. */
  readonly daysLeft: number;
  /** The threshold in days that it has passed; `null` above 60. */
  readonly warning: 60 | 30 | 7 | 0 | null;
  /** `null`: its chain holds now; otherwise the code of what does not. */
  readonly refusal: string | null;
  readonly isLicensed: boolean;
  readonly isRetired: boolean;
  /** Issuers up to the root. */
  readonly chain: readonly { readonly subject: string; readonly fingerprint: Hex }[];
  /** The issuer's newest list; `null` when none is known, and for a root. */
  readonly crl: {
    readonly thisUpdate: IsoText;
    readonly nextUpdate: IsoText;
    readonly isStale: boolean;
    readonly revokedSince: IsoText | null;
  } | null;
};
