/** Evidence packages (product P-45): asked for by a party, built as a job, fetched when ready. Built by `openEvidence`. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ItemId, TradeId } from '#ledger/primitives/ids.ts';
import type { FreshSignature, IdentityRefusal } from '#server/identity/identity.ts';
import type { EvidenceExport } from '#server/trpc/views.ts';

export type EvidenceSubject = { readonly kind: 'trade'; readonly id: TradeId } | { readonly kind: 'item'; readonly id: ItemId };
export type EvidenceRequest = {
  readonly acct: AccountId;
  readonly subject: EvidenceSubject;
  /** The number of a case or claim, as the asker writes it. */
  readonly caseRef: string;
  /** Over `daoju.evidence/1` and `{ subject, caseRef }`: the passphrase again. */
  readonly proof: FreshSignature;
};
export type EvidenceRefusal = { readonly kind: 'rejected'; readonly code: 'trade_unknown' | 'item_unknown' | 'not_certified' };

export interface Evidence {
  /** Durable when it resolves; built soon after, also over a restart. */
  request(request: EvidenceRequest): Promise<EvidenceExport | EvidenceRefusal | IdentityRefusal>;
  /** `null`: unknown, or somebody else's. */
  find(acct: AccountId, exportId: string): Promise<EvidenceExport | null>;
  list(acct: AccountId, subjectId: string): Promise<readonly EvidenceExport[]>;
  /** The zip; `null` while it is built, and when it is somebody else's. */
  file(acct: AccountId, exportId: string): Promise<Bytes | null>;
  /** Builds what waits, now. */
  turn(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}
