/** What a node is told to take part in a consortium. */
import type { ConsortiumConfig, Member } from '#ledger/codec/config.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { KeyGrant } from '#ledger/crypto/envelope-codec.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { OrderingEngine } from '../engines/ordering-engine.ts';
import type { MemberChecks } from '../reducer/check-block.ts';
import type { GroupResult } from '../types.ts';
import type { CertifiedPast } from './certified-past.ts';

/** What a check of a block may read of this member's own store. */
export interface CheckSources {
  readonly block: BlockBody;
  /** Envelopes that LedgerTx of the block name and this member holds, by hash in hex. */
  readonly envelopes: ReadonlyMap<string, Bytes>;
  /** Keys of envelopes granted to this member, the newest first. */
  readonly grants: readonly KeyGrant[];
  /** Certified at the tip. */
  readonly state: StateView;
  readonly past: CertifiedPast;
}

export interface ConsortiumOptions {
  /** Of this node. */
  readonly member: number;
  /** Opens the ordering engine that a configuration names, wherever this site keeps it. */
  readonly openEngine: (config: ConsortiumConfig, chain: Bytes) => Promise<OrderingEngine>;
  /** Where a member's node answers; null while nobody knows. */
  readonly endpointOf: (member: Member) => string | null;
  /** Other members of a chain that begins now, by id; ignored for one that exists. */
  readonly founders?: readonly Member[];
  /** Milliseconds of a clock that never steps back. */
  readonly elapsed: () => number;
  /** Checks of class terms and of the sealed part, which know rules that the ledger does not. */
  readonly prepareChecks?: (sources: CheckSources) => Promise<Partial<MemberChecks>>;
  /**
   * At the operator: LedgerTx that another member took, sequenced with custody in one database transaction. Without it they wait in
   * the mempools of the others.
   */
  readonly door?: (envs: readonly TxEnv[]) => Promise<readonly GroupResult[]>;
}
