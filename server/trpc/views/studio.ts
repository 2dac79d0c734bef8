/** The studio's console. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { AnnouncedTerms, MintStep } from './catalogue.ts';
import type { Hex, IsoText, Names } from './words.ts';

export type StudioKindRow = {
  readonly classId: ClassId;
  readonly classRef: string;
  readonly names: Names;
  readonly icon: string;
  readonly rarity: string | null;
  readonly isCertified: boolean;
  readonly issued: number;
  readonly supplyCap: number | null;
  readonly announced: AnnouncedTerms | null;
};
export type StudioKindPage = { readonly rows: readonly StudioKindRow[]; readonly nextAfter: string | null };

/** Named as in the REST API and on the ledger's document. */
export type StudioTerms = {
  readonly royalty_bps: number;
  readonly fee_bps: number;
  readonly publicity_hours: 0 | 24 | 72 | 168;
  readonly protection_hours: 72 | 168;
  readonly resale_wait_trading_days: number;
  readonly is_collectible: boolean;
  readonly is_giftable: boolean;
  readonly is_resalable: boolean;
  readonly mint_schedule: readonly MintStep[];
  readonly smallest_offer_bps: number;
};
/** What the form sends; the cap counts at once, terms from their moment on. */
export type KindChange = {
  readonly reference_id: string;
  readonly supply_cap?: number;
  readonly terms?: Partial<StudioTerms>;
  readonly effective_from?: IsoText;
};
export type StudioKind = StudioKindRow & {
  readonly terms: StudioTerms;
  /** Newest first. */
  readonly history: readonly {
    readonly txId: Hex;
    readonly at: IsoText;
    /** Null: the announcement before it was taken back. */
    readonly from: IsoText | null;
    readonly isRefused: boolean;
    readonly changes: AnnouncedTerms['changes'];
  }[];
};

/** What a studio announces of its end; the words of the studios' API. */
export type SunsetInput = {
  readonly reference_id: string;
  readonly last_day: string;
  readonly refund_terms: string;
  readonly successor?: string;
};
