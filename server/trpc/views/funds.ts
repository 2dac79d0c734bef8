/** Flow of funds, reconciliation and look-through. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { FundsRole } from '#sandbox/funds/draw.ts';
import type { FenText } from './words.ts';

export type FundsKind = 'trade' | 'item' | 'person' | 'day';

/** in + earlier + again = out + stays + further + onward, at every node. */
export type FundsFlow = {
  readonly kind: FundsKind;
  readonly id: string;
  readonly back: number;
  readonly forth: number;
  /** There are more movements than are followed; the newest are. */
  readonly isCut: boolean;
  readonly seedFen: FenText;
  /** Assessed on the trades shown, while their proceeds lie here no more. */
  readonly taxUncoveredFen: FenText;
  readonly nodes: readonly {
    readonly id: string;
    readonly level: number;
    readonly role: FundsRole;
    readonly acct: AccountId | null;
    readonly name: string | null;
    readonly members: number;
    readonly inFen: FenText;
    readonly outFen: FenText;
    readonly earlierFen: FenText;
    readonly againFen: FenText;
    readonly onwardFen: FenText;
    readonly staysFen: FenText;
    readonly furtherFen: FenText;
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly kind: string;
    readonly amountFen: FenText;
    readonly count: number;
    readonly entries: readonly { readonly entryId: string; readonly tradeId: string | null; readonly providerNo: string | null }[];
  }[];
};
