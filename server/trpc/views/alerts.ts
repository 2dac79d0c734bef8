/** What supervisors see of alerts and detectors (product V-08, V-09). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { DetectorId } from '#sandbox/surveillance/detector.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type DetectorName = DetectorId;

export type AlertLine = {
  readonly alertId: string;
  readonly alertNo: string;
  /** `CN-SV-04` */
  readonly detector: DetectorName;
  readonly title: Names;
  readonly typology: string;
  readonly score: number;
  readonly at: IsoText;
  readonly explanation: Names;
  readonly evidence: number;
  readonly accounts: number;
  readonly state: 'new' | 'triaged' | 'case' | 'dismissed';
  readonly dueAt: IsoText;
  readonly isOverdue: boolean;
  readonly revision: number;
};

export type AlertPage = {
  readonly alerts: readonly AlertLine[];
  readonly next: string | null;
  readonly open: number;
  readonly overdue: number;
};

/** One movement that the alert rests on. */
export type AlertEvidence = {
  readonly id: string;
  readonly kind: 'trade' | 'payment' | 'gift';
  readonly at: IsoText;
  readonly from: string | null;
  readonly to: string | null;
  readonly amountFen: FenText | null;
  readonly className: Names | null;
  readonly items: readonly string[];
  readonly quantity: number | null;
  readonly labels: readonly string[];
};

export type AlertView = AlertLine & {
  readonly firstAt: IsoText;
  readonly figures: readonly { readonly name: string; readonly value: string }[];
  readonly accountRefs: readonly string[];
  /** Only for roles that see names (V-02). */
  readonly names: Readonly<Record<string, string>>;
  readonly evidenceRows: readonly AlertEvidence[];
  readonly evidenceTotal: number;
  readonly parameters: readonly DetectorParameter[];
  readonly packHash: Hex;
  readonly factNo: string;
  readonly caseId: string | null;
  readonly steps: readonly {
    readonly from: string;
    readonly to: string;
    readonly at: IsoText;
    readonly by: string;
    readonly role: string;
    readonly reason: string | null;
  }[];
  readonly similar: readonly AlertLine[];
  readonly canAct: boolean;
  /** Whom it keeps from trading the kind (CN-SV-06). */
  readonly coolDowns: readonly CoolDownView[];
  /** Of a chargeback chain (CN-SV-12): what a freeze would stop, which is what was bought with the disputed payment and has moved on. */
  readonly chain: readonly ChainItem[] | null;
};

export type ChainItem = {
  readonly itemId: string;
  readonly names: Names;
  readonly serialNo: number;
  readonly holderRef: AccountId;
  /** Sales since the disputed one. */
  readonly hops: number;
  readonly isListed: boolean;
  readonly frozenUntil: IsoText | null;
};

/** A kind in which somebody places nothing for a while. */
export type CoolDownView = {
  readonly coolDownId: string;
  readonly acct: AccountId;
  readonly classId: string;
  readonly names: Names;
  readonly since: IsoText;
  readonly until: IsoText;
  readonly isRunning: boolean;
  readonly objection: string | null;
  readonly liftedAt: IsoText | null;
  readonly answer: string | null;
};

export type AlertActAnswer = { readonly state: AlertLine['state']; readonly caseId: string | null; readonly at: IsoText };

export type DetectorParameter = {
  /** Name of the constant in the pack. */
  readonly constant: string;
  readonly name: string;
  /** Null in older packs. */
  readonly words: Names | null;
  readonly value: string;
  readonly unit: string;
  readonly stricterIs: string | null;
  readonly citation: string;
  readonly confidence: string;
};

export type DetectorView = {
  readonly id: DetectorName;
  readonly name: string;
  readonly title: Names;
  readonly definition: Names;
  readonly label: string | null;
  readonly audience: readonly string[];
  readonly weight: string;
  readonly baseRate: string;
  readonly parameters: readonly DetectorParameter[];
  readonly alerts: number;
  readonly open: number;
  readonly confirmed: number;
  readonly dismissed: number;
};
export type DetectorList = {
  readonly packHash: Hex;
  readonly packVersion: string;
  readonly caseScore: number;
  readonly facts: string;
  readonly detectors: readonly DetectorView[];
};

export type TryOutSide = { readonly alerts: number; readonly evidence: number; readonly confirmed: number; readonly dismissed: number };
export type TryOutAnswer = {
  readonly detector: string;
  readonly packHash: Hex;
  readonly facts: number;
  readonly firstFactNo: string | null;
  readonly lastFactNo: string | null;
  readonly changes: readonly { readonly constant: string; readonly before: string; readonly after: string }[];
  readonly baseline: TryOutSide;
  readonly draft: TryOutSide;
  /** Of the alerts that people decided. */
  readonly decided: { readonly confirmed: number; readonly dismissed: number };
  readonly added: readonly TryOutAlert[];
  readonly gone: readonly TryOutAlert[];
};
export type TryOutAlert = {
  readonly score: number;
  readonly at: IsoText;
  readonly explanation: Names;
  readonly tradeIds: readonly string[];
};
