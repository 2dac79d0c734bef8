/** What is public about the market. */
import type { FenText, Hex, IsoText, Names } from './words.ts';

/** A number, or `< 20` where a group is too small to be told. */
export type PublicCount = string;

export type Transparency = {
  readonly schema: 'daoju.transparency/1';
  readonly at: IsoText;
  readonly chain: Hex;
  readonly leastGroup: number;
  /** Newest first; null: the day's group is too small. */
  readonly days: readonly {
    readonly day: string;
    readonly trades: PublicCount;
    readonly turnoverFen: FenText | null;
    /** Without trades that surveillance has labelled. */
    readonly filteredFen: FenText | null;
    readonly assessedFen: FenText | null;
    readonly reversals: PublicCount;
  }[];
  readonly acts: readonly {
    readonly day: string;
    readonly freezesSet: number;
    readonly freezesLifted: number;
    readonly casesOpened: number;
    readonly casesClosed: number;
  }[];
  readonly identities: readonly { readonly agency: string; readonly count: number }[];
  readonly institution: string;
  readonly isSimulated: boolean;
  readonly statements: readonly {
    readonly day: string;
    readonly oursFen: FenText;
    readonly theirsFen: FenText;
    readonly onItsWayFen: FenText;
    readonly differenceFen: FenText;
  }[];
  /** The guarantee fund (P-35). */
  readonly fund: {
    readonly balanceFen: FenText;
    readonly cameFen: FenText;
    readonly paidFen: FenText;
    /** Decided and not paid yet: the fund has to have it first. */
    readonly owedFen: FenText;
    readonly waiting: number;
    readonly payments: readonly { readonly at: IsoText; readonly amountFen: FenText }[];
  };
  readonly experiments: readonly {
    readonly experimentId: string;
    readonly title: Names;
    readonly status: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly packs: readonly {
    readonly packId: string;
    readonly version: string;
    readonly packHash: Hex;
    readonly from: string;
    readonly to: string;
    readonly activatedAt: IsoText;
  }[];
  readonly members: readonly { readonly org: string; readonly hasSigned: boolean }[];
  readonly checkpoint: { readonly height: string; readonly headerHash: Hex; readonly sealedAt: IsoText };
  readonly feeds: readonly {
    readonly room: string;
    readonly seq: number;
    readonly hash: Hex;
    readonly ts: IsoText;
    readonly keyId: string;
    readonly sig: Hex;
  }[];
};
