/** The ops of the ledger (`ledger.md` 6) as data. Payload fields called `kind` there carry the op's name here. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AuthPolicy } from './auth-policy.ts';
import type { ConsortiumConfig } from './config.ts';
import type { MemberSig } from './header.ts';
import type { Order, SignedOrder } from './order.ts';

export interface ClassDefinition {
  readonly ext: Bytes;
  readonly transferRule: number;
  readonly supplyCap: bigint;
  readonly meta: Bytes;
  readonly media: Bytes;
  readonly terms: Bytes;
}

export interface MintItem {
  readonly cls: number;
  readonly to: Bytes;
  readonly ext: Bytes;
  readonly meta: Bytes;
}

/** An Item at a version and where it goes. */
export interface ItemMove {
  readonly serial: bigint;
  readonly ver: bigint;
  readonly to: Bytes;
}

export type FreezeTarget =
  | { readonly kind: 'item'; readonly serial: bigint }
  | { readonly kind: 'account'; readonly acct: Bytes }
  | { readonly kind: 'class'; readonly cls: number };

export type AttestSubject = { readonly kind: 'none' } | { readonly kind: 'entry'; readonly index: bigint } | FreezeTarget;

export interface AccountOpenOp {
  readonly kind: 'account_open';
  readonly policy: AuthPolicy;
  /** 0 player, 1 studio, 2 organisation. */
  readonly accountKind: number;
  readonly kyc: Bytes;
  readonly env: Bytes;
}
export interface AccountRotateOp {
  readonly kind: 'account_rotate';
  readonly acct: Bytes;
  /** 0 now, 1 start recovery, 2 cancel, 3 finish. */
  readonly mode: number;
  readonly policy: AuthPolicy | null;
}
export interface ClassDefineOp {
  readonly kind: 'class_define';
  readonly issuer: Bytes;
  readonly classes: readonly ClassDefinition[];
}
export interface MintOp {
  readonly kind: 'mint';
  readonly items: readonly MintItem[];
}
export interface BurnOp {
  readonly kind: 'burn';
  readonly serial: bigint;
  readonly ver: bigint;
}
export interface TransferOp {
  readonly kind: 'transfer';
  readonly serial: bigint;
  readonly ver: bigint;
  readonly to: Bytes;
  readonly pay: Bytes;
  readonly env: Bytes;
}
export interface TradeOp {
  readonly kind: 'trade';
  readonly tradeId: Bytes;
  readonly sell: SignedOrder;
  readonly buy: SignedOrder;
  /** Serials, ascending. */
  readonly items: readonly bigint[];
  readonly pay: Bytes;
  readonly env: Bytes;
  readonly rulePack: Bytes;
  readonly protectMs: number;
  readonly experiment: Bytes | null;
}
export interface OrderCancelOp {
  readonly kind: 'order_cancel';
  readonly order: Order;
}
export interface LockOp {
  readonly kind: 'lock';
  readonly serial: bigint;
  readonly ver: bigint;
  readonly locker: Bytes;
  readonly until: bigint;
}
export interface UnlockOp {
  readonly kind: 'unlock';
  readonly serial: bigint;
  readonly ver: bigint;
}
export interface FreezeOp {
  readonly kind: 'freeze';
  readonly target: FreezeTarget;
  readonly until: bigint;
  readonly doc: Bytes;
}
export interface UnfreezeOp {
  readonly kind: 'unfreeze';
  readonly target: FreezeTarget;
  readonly doc: Bytes;
}
export interface CourtOrderOp {
  readonly kind: 'court_order';
  readonly items: readonly ItemMove[];
  readonly doc: Bytes;
}
export interface AttestOp {
  readonly kind: 'attest';
  readonly subject: AttestSubject;
  /** 1 fact before the chain, 2 report or export, 3 archive, 4 document, 5 feed head, 6 disclosure. */
  readonly attestKind: number;
  readonly doc: Bytes;
}
export interface StudioSunsetOp {
  readonly kind: 'studio_sunset';
  readonly studio: Bytes;
  readonly at: bigint;
  readonly archive: Bytes;
  readonly successor: Bytes | null;
}
export interface RulePackActivateOp {
  readonly kind: 'rule_pack_activate';
  readonly jurisdiction: string;
  readonly pack: Bytes;
  readonly from: bigint;
  readonly tighten: number;
}
export interface ExperimentTransitionOp {
  readonly kind: 'experiment_transition';
  readonly experiment: Bytes;
  readonly to: number;
  /** 1 seeded, 2 simulated authorisation. */
  readonly flags: number;
  readonly doc: Bytes;
}
export interface ConfigUpdateOp {
  readonly kind: 'config_update';
  readonly config: ConsortiumConfig;
  readonly approvals: readonly MemberSig[];
}
export interface EvidenceOp {
  readonly kind: 'evidence';
  readonly evidenceKind: number;
  readonly a: Bytes;
  readonly b: Bytes;
}
export interface PayloadErasedOp {
  readonly kind: 'payload_erased';
  readonly env: Bytes;
  readonly basis: Bytes;
}
export interface TradeReverseOp {
  readonly kind: 'trade_reverse';
  readonly entry: bigint;
  readonly items: readonly ItemMove[];
  readonly doc: Bytes;
  readonly pay: Bytes;
  readonly env: Bytes;
  readonly rulePack: Bytes;
}
export interface ItemUpdateOp {
  readonly kind: 'item_update';
  readonly serial: bigint;
  readonly ver: bigint;
  readonly meta: Bytes;
}
export interface ClassUpdateOp {
  readonly kind: 'class_update';
  readonly cls: number;
  readonly supplyCap: bigint;
  readonly meta: Bytes;
  readonly media: Bytes;
  readonly terms: Bytes;
  readonly from: bigint;
}
export interface ConsentOp {
  readonly kind: 'consent';
  readonly acct: Bytes;
  readonly cls: number;
  readonly powers: number;
  readonly until: bigint;
}

export type Op =
  | AccountOpenOp
  | AccountRotateOp
  | ClassDefineOp
  | MintOp
  | BurnOp
  | TransferOp
  | TradeOp
  | OrderCancelOp
  | LockOp
  | UnlockOp
  | FreezeOp
  | UnfreezeOp
  | CourtOrderOp
  | AttestOp
  | StudioSunsetOp
  | RulePackActivateOp
  | ExperimentTransitionOp
  | ConfigUpdateOp
  | EvidenceOp
  | PayloadErasedOp
  | TradeReverseOp
  | ItemUpdateOp
  | ClassUpdateOp
  | ConsentOp;

export type OpKind = Op['kind'];

/** The numbers of `ledger.md` 6. */
export const OP_NUMBER = {
  account_open: 1,
  account_rotate: 2,
  class_define: 3,
  mint: 4,
  burn: 5,
  transfer: 6,
  trade: 7,
  order_cancel: 8,
  lock: 9,
  unlock: 10,
  freeze: 11,
  unfreeze: 12,
  court_order: 13,
  attest: 14,
  studio_sunset: 15,
  rule_pack_activate: 16,
  experiment_transition: 17,
  config_update: 18,
  evidence: 19,
  payload_erased: 20,
  trade_reverse: 21,
  item_update: 22,
  class_update: 23,
  consent: 24,
} as const satisfies Readonly<Record<OpKind, number>>;

/** Kept for a later version of the protocol. */
export const RESERVED_OP_NUMBERS: readonly number[] = [31, 32, 33, 34, 35];
