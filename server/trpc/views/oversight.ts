/** What members, supervisors, studios and readers of the rules see. */
import type { AccountId, ItemId, TradeId } from '#ledger/primitives/ids.ts';
import type { ReturnValues } from '#sandbox/tax/period-return.ts';
import type { FeedMessage } from '#server/outbox/message.ts';
import type { SaleId } from '#server/settlement/sale-id.ts';
import type { ImportProgress } from './catalogue.ts';
import type { SellerNoticeView, TraceStep } from './trades.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type BlockRow = {
  readonly height: number;
  readonly headerHash: Hex;
  readonly prevHash: Hex;
  readonly sealedAt: IsoText;
  readonly txCount: number;
  readonly logSize: number;
  readonly signers: readonly string[];
  readonly certified: boolean;
};

export type BlockPage = BlockRow & {
  readonly logRoot: Hex;
  readonly stateRoot: Hex;
  readonly configHash: Hex;
  readonly entries: readonly EntryRow[];
};

export type EntryRow = {
  readonly index: number;
  readonly pos: number;
  readonly txId: Hex;
  readonly op: string;
  readonly summary: string;
  readonly size: number;
};

export type EntryPage = EntryRow & {
  readonly height: number;
  readonly sealedAt: IsoText;
  readonly bytes: Hex;
  readonly decoded: unknown;
  readonly effects: readonly { readonly register: string; readonly index: string; readonly leaf: Hex; readonly prev: string | null }[];
  readonly signers: readonly { readonly acct: Hex; readonly keyIdx: number; readonly batchSize: number }[];
};

export type StatePage = {
  readonly register: 'items' | 'accounts' | 'classes';
  /** Number of an Item or a kind, id of an account. */
  readonly id: string;
  /** Of the newest certified block. */
  readonly height: number;
  /** Null: genesis wrote it. */
  readonly lastEntry: string | null;
  readonly leaf: unknown;
  /** Files that prove it offline. */
  readonly proofs: readonly { readonly what: 'proof' | 'history' | 'holdings' | 'archive'; readonly href: string }[];
};

/** In the order of their numbers. */
export type FeedPage = { readonly room: string; readonly messages: readonly FeedMessage[] };

/** Tiles that the database holds the rows of; caps and members are known to the running market. */
export type StoredTile =
  | 'trades'
  | 'turnover'
  | 'filtered'
  | 'assessed'
  | 'sellers'
  | 'alerts'
  | 'alertsOverdue'
  | 'cases'
  | 'casesOverdue'
  | 'frozen'
  | 'certify'
  | 'cost'
  | 'reconciliation';
export type TileName = StoredTile | 'caps' | 'members';

/** What was done in a span of days. */
export type TileFigures = {
  readonly trades: number;
  readonly turnoverFen: FenText;
  /** Without trades that surveillance has labelled. */
  readonly filteredFen: FenText;
  readonly assessedFen: FenText;
  readonly sellers: number;
  /** What operator and studio took of a trade on average; null without trades. */
  readonly costPerTradeFen: FenText | null;
  readonly certifyP50Ms: number | null;
  readonly certifyP95Ms: number | null;
};

export type SupervisorTiles = {
  /** The span that was asked for, and its dates: the first, and the first after it. */
  readonly period: string;
  readonly fromDate: string;
  readonly beforeDate: string;
  /** Of the span; of today and of the day before it, which a day that was asked for is. */
  readonly of: TileFigures;
  readonly day: string;
  readonly today: TileFigures;
  readonly dayBefore: TileFigures;
  /** How it stands now, whatever span is looked at. Alerts and cases of the supervisor's own audience. */
  readonly alertsOpen: number;
  readonly alertsOverdue: number;
  readonly casesOpen: number;
  readonly casesOverdue: number;
  readonly frozen: number;
  readonly reconciliationFen: FenText;
  readonly capsUsed: readonly { readonly name: string; readonly ratio: string }[];
  readonly membersUp: number;
  readonly membersTotal: number;
};

export type TileRow = {
  /** A trade, a gift, an item, a freeze, an alert, a case, an account, a member, `SBX-2026-0001 PER_TRADE`, or a part of the books. */
  readonly id: string;
  readonly at: IsoText | null;
  readonly names: Names | null;
  readonly personRef: AccountId | null;
  /** What the tile makes of this row: fen, milliseconds, a share, or 1 where rows are counted. */
  readonly value: string;
  /** Labels of a trade, trades of a seller, a version, a detector, a state or a reason code. */
  readonly detail: string | null;
};

/** One page of the rows that a tile sums; count and sum are of all of them. */
export type TileRows = {
  readonly tile: TileName;
  readonly period: string;
  readonly count: number;
  readonly sum: string;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly rows: readonly TileRow[];
  readonly nextCursor: string | null;
};

/** `day` is the label of any period; the newest trades are listed, the sums are of all. */
export type TaxDay = {
  readonly day: string;
  /** When it was added up: a heavy view is given to everybody who asks for a while. */
  readonly asOf: IsoText;
  /** Of the sales that were asked for: all, or those of one seller, game or line. */
  readonly tradesTotal: number;
  readonly tradesGrossFen: FenText;
  readonly tradesTaxFen: FenText;
  readonly bySeller: readonly {
    readonly sellerRef: AccountId;
    readonly trades: number;
    readonly grossFen: FenText;
    readonly taxFen: FenText;
  }[];
  readonly byGame: readonly {
    readonly gameId: string;
    readonly names: Names;
    readonly trades: number;
    readonly grossFen: FenText;
    readonly taxFen: FenText;
  }[];
  /** Reports of the period that are made and signed; filed are those that the authority accepted, with its receipt number. */
  readonly filed: readonly {
    readonly kind: string;
    readonly reportId: string;
    readonly version: number;
    readonly at: IsoText;
    readonly receiptNo: string | null;
  }[];
  /** When the report of a quarter is due by the pack's calendar; null: another kind of period, or nothing was assessed in it. */
  readonly due: { readonly kind: string; readonly on: string; readonly isOverdue: boolean } | null;
  readonly lines: readonly { readonly id: string; readonly label: Names; readonly amountFen: FenText }[];
  readonly totalFen: FenText;
  /** The whole of an open period, if the rest of it goes as its beginning did; null: it is over. */
  readonly estimatedFen: FenText | null;
  /** Sellers who were reminded in the period that registration is due, or that trade looks like a business. */
  readonly notices: readonly SellerNoticeView[];
  readonly trades: readonly {
    /** A gift is one by law. */
    readonly tradeId: SaleId;
    readonly giftedItemId: ItemId | null;
    readonly at: IsoText;
    readonly sellerRef: AccountId;
    readonly grossFen: FenText;
    readonly taxFen: FenText;
    readonly isVatTaxable: boolean;
    readonly version: number;
  }[];
  readonly crossings: readonly {
    readonly sellerRef: AccountId;
    readonly at: IsoText;
    readonly grossFen: FenText;
    readonly salesFen: FenText;
    readonly byTradeId: SaleId;
    readonly reassessed: readonly SaleId[];
  }[];
};

/** What one payer owes for a month on its fees or royalties, before its own input VAT. */
export type PeriodReturnView = {
  /** Null: the platform. */
  readonly payer: AccountId | null;
  /** Of a studio. */
  readonly names: Names | null;
  /** What the market takes the payer for, as the pack's figure asks for it. */
  readonly taxpayer: Readonly<Record<'role' | 'vatStatus' | 'citStatus' | 'place', string>>;
  readonly packId: string;
  readonly packVersion: string;
  readonly packHash: Hex;
  /** Trades with the same amount together; a negative count: given back. */
  readonly supplies: readonly { readonly unitFen: FenText; readonly count: string }[];
  readonly grossFen: FenText;
  readonly values: readonly { readonly id: keyof ReturnValues; readonly fen: FenText }[];
  readonly totalFen: FenText;
  /** Date. */
  readonly due: string;
  readonly isDuePast: boolean;
  readonly steps: readonly TraceStep[];
};

export type PeriodReturns = {
  /** A month. */
  readonly period: string;
  /** When it was added up: a heavy view is given to everybody who asks for a while. */
  readonly asOf: IsoText;
  /** It is not over: what stands here goes on growing. */
  readonly isOpen: boolean;
  /** Null: no pack in force by then knows returns. */
  readonly returns: readonly PeriodReturnView[] | null;
};

/** The newest; `total` and `sumFen` are of all. */
export type ReturnTrades = {
  readonly total: number;
  readonly sumFen: FenText;
  readonly rows: readonly {
    readonly tradeId: TradeId;
    readonly type: 'FEE' | 'ROYALTY' | 'PRIMARY';
    readonly at: IsoText;
    readonly amountFen: FenText;
  }[];
};

/** `of`: kinds and trades that were asked for. */
export type FeedGames = {
  readonly games: readonly { readonly gameId: string; readonly names: Names }[];
  /** Of those that were asked for, once each. */
  readonly kinds: readonly { readonly classId: string; readonly names: Names }[];
  readonly of: readonly { readonly id: string; readonly gameId: string; readonly classId: string }[];
};

export type StudioOverview = {
  readonly studioRef: AccountId;
  readonly names: Names;
  readonly isHosted: boolean;
  readonly games: readonly {
    readonly gameId: string;
    readonly names: Names;
    readonly approvalNo: string;
    readonly classes: number;
    readonly items: number;
  }[];
  readonly issued: number;
  readonly traded: number;
  readonly revenueFen: FenText;
  readonly royaltiesFen: FenText;
  readonly imports: readonly ImportProgress[];
  readonly keys: readonly {
    readonly keyId: string;
    readonly kind: 'write' | 'read';
    readonly lastUsedAt: IsoText | null;
    readonly expiresAt: IsoText;
  }[];
  readonly problems: readonly { readonly at: IsoText; readonly code: string; readonly traceId: string; readonly detail: string }[];
};

export type RulesVersion = {
  readonly packHash: Hex;
  readonly version: string;
  readonly from: string;
  readonly to: string;
  readonly activatedAt: IsoText;
  readonly isInForce: boolean;
};
export type RulesView = {
  readonly packId: string;
  readonly version: string;
  readonly packHash: Hex;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly {
    readonly id: string;
    readonly ruleId: string;
    readonly name: { readonly zh: string; readonly en: string };
    readonly citation: string;
    readonly confidence: TraceStep['confidence'];
  }[];
  readonly parameters: readonly {
    readonly name: string;
    readonly words: { readonly zh: string; readonly en: string } | null;
    readonly ruleId: string;
    readonly value: string;
    readonly unit: 'fen' | 'rate' | 'days' | 'count' | 'switch';
    readonly citation: string;
    readonly confidence: TraceStep['confidence'];
    readonly asOf: string;
    readonly from: string;
    readonly to: string | null;
  }[];
};

/** A report without its manifest. Times in ISO 8601, digests and signature in hex. */
export type ReportRow = {
  readonly reportId: string;
  readonly kind: string;
  readonly period: string;
  readonly version: number;
  readonly amends: string | null;
  readonly height: string;
  readonly at: string;
  readonly sm3: string;
  readonly keyId: string;
  readonly sig: string;
  readonly txId: string;
  /** What became of it at its authority; null: it is not owed, or was made a moment ago. */
  readonly filing: {
    readonly authority: string;
    readonly dueOn: string;
    readonly state: 'waiting' | 'handed' | 'accepted' | 'rejected';
    readonly attempts: number;
    readonly handedAt: string | null;
    readonly answeredAt: string | null;
    readonly receiptNo: string | null;
    readonly isLate: boolean | null;
    readonly reason: 'signature_broken' | 'file_damaged' | 'schema_violated' | 'version_unexpected' | null;
  } | null;
};
export type ReportDetail = ReportRow & {
  /** RFC 8785; `sig` covers `daoju.report/1`, 0A and these bytes. */
  readonly manifest: string;
  /** The operator's, in hex: compare it with its account on the ledger. */
  readonly publicKey: string;
  /** Our own published schemas that its manifest and documents keep. */
  readonly schemas: readonly { readonly name: string; readonly path: string }[];
};
export type ReportList = {
  /** Reports that are owed: of each kind the last closed period, and those before it that are not accepted yet. */
  readonly due: readonly {
    readonly kind: string;
    readonly period: string;
    readonly dueOn: string;
    readonly state: 'missing' | 'waiting' | 'handed' | 'accepted' | 'rejected';
    readonly isOverdue: boolean;
    readonly reportId: string | null;
  }[];
  readonly kinds: readonly {
    readonly kind: string;
    readonly period: 'day' | 'month' | 'quarter' | 'year';
    readonly name: { readonly zh: string; readonly en: string };
  }[];
  readonly reports: readonly ReportRow[];
  readonly jobs: readonly {
    readonly jobId: string;
    readonly kind: string;
    readonly period: string;
    readonly requestedBy: string;
    readonly requestedAt: string;
    readonly state: 'queued' | 'running' | 'finished' | 'failed';
    readonly reason: string | null;
    readonly reportId: string | null;
  }[];
};
