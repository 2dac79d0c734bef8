/** Who is signed in (product 1.1, 3.1). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Hex, IsoText, RealNameLevel, StaffRole } from './words.ts';

export type Me = {
  readonly acct: AccountId;
  readonly displayName: string;
  readonly level: RealNameLevel;
  readonly isAdult: boolean;
  readonly hasRecovery: boolean;
  readonly isDemonstration: boolean;
  readonly keyEpoch: number;
  readonly keyIdx: number;
  readonly publicKey: Hex;
  readonly sessionId: string;
  readonly holds: readonly { readonly code: string; readonly until: IsoText }[];
};

/** Of who sells (CN-MK-11). */
export type SellerCheckView = {
  readonly months: number;
  readonly verifiedAt: IsoText | null;
  /** Who confirmed it then. */
  readonly provider: string | null;
  /** Of the check that is open; null: none is. */
  readonly dueAt: IsoText | null;
  readonly isOverdue: boolean;
};

export type StaffMe = {
  readonly staffId: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly organisation: string;
  readonly certificateSerial: string;
};

export type SessionView = {
  readonly sessionId: string;
  readonly createdAt: IsoText;
  readonly lastUsedAt: IsoText;
  readonly expiresAt: IsoText;
  readonly device: string;
  readonly isCurrent: boolean;
};
