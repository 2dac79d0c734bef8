/**
 * What the member node offers the rest of the program (`ledger.md` 10, 16, 21). One process, one sequencer: LedgerTx get
 * their place in a group, groups are sealed into blocks in that order, and whatever is `certified` never changes.
 */

import type postgres from 'postgres';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis, GenesisAccount } from '#ledger/codec/genesis.ts';
import type { Finality, Header } from '#ledger/codec/header.ts';
import type { AccountLeaf, ClassLeaf, ItemLeaf, OrderLeaf, RecordLeaf, StateLeaf } from '#ledger/codec/leaves.ts';
import type { Refusal } from '#ledger/codec/peer-body.ts';
import type { Certified as Shown } from '#ledger/codec/recovery.ts';
import type { Effect, Entry, TxBody, TxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import type { LogTree } from '#ledger/merkle/log-tree.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { DisclosedField } from '#ledger/proof/build-receipt.ts';
import type { TrustBundle } from '#ledger/proof/receipt.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import type { ConsortiumOptions } from './consortium/options.ts';
import type { GivenPromise } from './consortium/runtime.ts';
import type { EnvelopeVault } from './envelope-vault.ts';
import type { PeerDoor } from './peer/peer-door.ts';
import type { SignerState } from './signer/signer.ts';

/** One organisation's keys. `privateKey` signs LedgerTx for `acct`; the others only on a node. */
export interface OrgKeys {
  readonly name: string;
  readonly acct: Bytes;
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** Signs as one account under its current key: one batch signature for the whole list. */
export interface AccountSigner extends OrgKeys {
  batchSign(bodies: readonly TxBody[]): readonly TxEnv[];
  /** Adds this account's signature to an env that another account signed first. */
  coSign(env: TxEnv): TxEnv;
  /** The same for a list, under one batch signature. */
  coSignMany(envs: readonly TxEnv[]): readonly TxEnv[];
}

export interface SignatureCheck {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export interface LedgerOptions {
  readonly sql: postgres.Sql;
  /** Milliseconds since 1970. It may step back: `sealedAt` rises all the same. */
  readonly now: () => number;
  readonly random: (length: number) => Bytes;
  /** Private keys, mode 0600, made at the first start; also pins the ChainId. */
  readonly keysDir: string;
  /** Holds the passphrase of the key files; `passphrase` in `keysDir` when left out. */
  readonly passphraseFile?: string;
  readonly demonstration: boolean;
  /** Further accounts of genesis, after the organisations. */
  readonly genesisAccounts?: readonly GenesisAccount[];
  /** What this member judges of a LedgerTx beyond `apply` before it signs (10.3): the code that refuses, or null. Absent: nothing. */
  readonly judge?: ((env: TxEnv) => LedgerCode | null) | undefined;
  /** In place of the time between blocks: for one member at once, for several in the genesis of a chain that begins. Tests and benches only. */
  readonly blockMs?: number;
  /** Static read API written behind Finality; none is written without it. */
  readonly exportDir?: string;
  /** Snapshots of the state, one a day or every 20 000 blocks, for members that join; none is made without it. */
  readonly snapshotDir?: string;
  /** Worker threads that verify signatures; 0 verifies in the calling thread. Default 1. */
  readonly workers?: number;
  readonly log?: LedgerLog;
  /**
   * Books about sequenced LedgerTx (custody) that a block has made untrue: put right in the block's own database transaction, while nobody
   * is sequenced. Without it they may differ from the ledger after a refusal or under another leader.
   */
  readonly onDisplaced?: ((tx: postgres.TransactionSql, displaced: Displaced) => Promise<void>) | undefined;
  /** Without it the node seals alone, and a chain of several members does not start. */
  readonly consortium?: ConsortiumOptions;
  /** The organisation that the members have made operator, in place of the one that began the chain; refused without their decision. */
  readonly operator?: OrgKeys;
}

/** Sentences for the operator. */
export interface LedgerLog {
  info(sentence: string, facts?: Readonly<Record<string, string | number | bigint>>): void;
  error(sentence: string, facts?: Readonly<Record<string, string | number | bigint>>): void;
}

export interface Sequenced {
  readonly kind: 'sequenced';
  readonly txId: Bytes;
  /** Place in the sequence; what `trade` rows and blocks refer to before an index exists. */
  readonly seq: bigint;
  readonly effects: readonly Effect[];
  /** Leaves after this LedgerTx. Serials are final, `lastEntry` is not before certification. Empty when replayed. */
  readonly items: readonly ItemLeaf[];
  readonly accounts: readonly AccountLeaf[];
  readonly classes: readonly ClassLeaf[];
  readonly orders: readonly OrderLeaf[];
  readonly records: readonly RecordLeaf[];
  /** The same LedgerTx was sequenced before: nothing was done now. */
  readonly replayed: boolean;
}

export interface DisplacedSerials {
  /** Items whose leaf of the pending state is another; one that it does not have was minted by a LedgerTx that is refused. */
  readonly items: readonly bigint[];
  /** Numbers that name another Class in the pending state, or none. */
  readonly classes: readonly bigint[];
}

/** What a block has decided otherwise than sequencing told. */
export interface Displaced extends DisplacedSerials {
  /** LedgerTx of the block that were never sequenced here, in its order. */
  readonly foreign: readonly CertifiedTx[];
  readonly sealedAt: bigint;
  /** Certified with the block, and everything that waits. */
  readonly pending: StateView;
}

export interface SequencingRefusal {
  readonly kind: 'rejected';
  readonly code: string;
}

export type GroupResult = Sequenced | SequencingRefusal;

export interface SequencingGroup {
  /** The time the checks of this group use; never below the newest `sealedAt`. */
  readonly now: bigint;
  /** An earlier LedgerTx has waited too long for Finality: `apply` refuses Trades with `finality_late` (6.1). */
  readonly isFinalityLate: boolean;
  /** Pending state with this group's LedgerTx applied. */
  readonly pending: StateView;
  /** Marks a place to come back to; `rollbackTo` returns to the newest mark and removes it. */
  savepoint(): void;
  rollbackTo(): void;
  /** Keeps what was applied since the newest mark and removes the mark. */
  release(): void;
  apply(env: TxEnv): GroupResult;
  /** A refused LedgerTx once more, at a new place: the round or a signature was at fault, not what it says (6.1). */
  applyAgain(env: TxEnv): GroupResult;
  /** Inserts the group's LedgerTx inside the caller's database transaction. Call it once, after the last `apply`. */
  persist(sql: postgres.TransactionSql): Promise<void>;
}

export interface CertifiedTx {
  readonly txId: Bytes;
  readonly seq: bigint;
  readonly index: bigint;
  readonly pos: number;
  readonly entry: Entry;
  /** The leaves that the entry's effects hash, in the same order: serials and times as certified. */
  readonly leaves: readonly StateLeaf[];
}

export interface RefusedTx {
  readonly txId: Bytes;
  readonly seq: bigint;
  readonly env: TxEnv;
  readonly code: string;
}

export interface CertifiedBlock {
  readonly height: bigint;
  readonly header: Header;
  readonly headerHash: Bytes;
  readonly finality: Finality;
  readonly signers: readonly string[];
  readonly txs: readonly CertifiedTx[];
  /** Sequenced LedgerTx that no longer pass at `sealedAt`, in sequence order. */
  readonly refused: readonly RefusedTx[];
  /** What stands otherwise than sequencing told. Nothing for a block read from the tables: its own commit has put the books right. */
  readonly displaced: DisplacedSerials;
}

export interface Certified {
  readonly height: bigint;
  readonly header: Header;
  readonly headerHash: Bytes;
  /** Null at height 0, which is computed and never voted. */
  readonly finality: Finality | null;
  /** While a block is on its way to the disk this may be one block ahead of `header`; proofs wait for it, readers need not. */
  readonly state: LedgerState;
  readonly log: LogTree;
}

export interface TxStatus {
  readonly status: 'sequenced' | 'sealed' | 'certified' | 'refused';
  readonly seq: bigint;
  readonly height: bigint | null;
  /** Log index. */
  readonly index: bigint | null;
  readonly refusedCode: string | null;
  /** Organisations whose Votes are in the block's Finality. */
  readonly signers: readonly string[];
}

export interface Health {
  /** Why nothing is sequenced or signed any more; null while all is well. */
  readonly halted: string | null;
  readonly sm2Route: 'openssl' | 'portable';
  readonly waiting: number;
  readonly oldestWaitingMs: number;
  /** This member's own clock against the newest certified header; `isTooFar`: by more than `skewMs`, so that it refuses blocks of now. */
  readonly clockBehind: { readonly ms: number; readonly isTooFar: boolean };
  /** What holds the node key; null at a node that was told of no other members: a file. */
  readonly signer: SignerState | null;
}

/** Another member as this node sees it. */
export interface MemberView {
  readonly id: number;
  readonly org: string;
  readonly role: number;
  readonly isSelf: boolean;
  /** The newest it said was certified; null: it has said nothing yet. */
  readonly height: bigint | null;
  /** When it said so, in milliseconds since 1970. */
  readonly seenAt: number | null;
  /** Why the last message to it was not taken; null when it was. */
  readonly failure: string | null;
}

/** A refusal to endorse, and whose. */
export interface SeenRefusal extends Refusal {
  readonly member: number;
}

/** The rounds as this node sees them. */
export interface ConsortiumView {
  readonly self: number;
  readonly epoch: number;
  /** That is being decided. */
  readonly height: bigint;
  readonly ordering: 'pg' | 'etcd';
  /** What this node does about the lead. */
  readonly leading: 'follow' | 'campaign' | 'sync' | 'lead';
  /** Who leads, as far as is known. */
  readonly leader: number | null;
  readonly term: bigint;
  /** Whether this node may sign at all. */
  readonly standing: 'signing' | 'asking' | 'halted';
  /** Since the last slot or Finality. */
  readonly progressMs: number;
  readonly waiting: number;
  /** Who has endorsed and voted at this height, as far as this node has seen. */
  readonly endorsed: readonly number[];
  readonly voted: readonly number[];
  /** Too few members answer to certify anything. */
  readonly isWaitingForMembers: boolean;
  readonly members: readonly MemberView[];
  /** The newest first. */
  readonly refusals: readonly SeenRefusal[];
  /** By member: blocks it endorsed or refused since this node started, each block of a term once. */
  readonly answered: ReadonlyMap<number, Answered>;
}

export interface Answered {
  readonly endorsed: number;
  readonly refused: number;
}

/** What any member answers, also one that sequences nothing. */
export interface LedgerReader {
  readonly chain: Bytes;
  readonly genesis: Genesis;
  readonly config: ConsortiumConfig;
  readonly certified: Certified;
  status(txId: Bytes): Promise<TxStatus | null>;
  /** `.plproof` of a certified LedgerTx with its trust bundle; null before certification. `withOwnBlock` proves that its block's log is a prefix. */
  receipt(txId: Bytes, disclosed?: readonly DisclosedField[], withOwnBlock?: boolean): Promise<Bytes | null>;
  /** `.plproof` with every owner of the Item; null for an unknown serial. */
  passport(itemSerial: bigint, disclosed?: readonly DisclosedField[]): Promise<Bytes | null>;
  /** `.plproof` of an Item as it stands now, or that there is none. */
  itemProof(itemSerial: bigint): Promise<Bytes | null>;
  /** `.plproof` of an account with everything it holds; null for an unknown account or more Items than a receipt has room for. */
  holdings(acct: Bytes): Promise<Bytes | null>;
  /** Genesis and every configuration since, for verifiers. */
  trust(): Promise<TrustBundle>;
  entry(index: bigint): Promise<{ readonly entry: Entry; readonly bytes: Bytes } | null>;
  /** Newest first, at most `limit`, below `before`. */
  blocks(options: { readonly before?: bigint; readonly limit: number }): Promise<readonly BlockSummary[]>;
  block(height: bigint): Promise<BlockSummary | null>;
  health(): Health;
  /** Null while one member seals alone. */
  consortium(): ConsortiumView | null;
}

export interface LedgerNode extends LedgerReader {
  readonly chain: Bytes;
  readonly genesis: Genesis;
  readonly config: ConsortiumConfig;
  /** Remembers verified signatures; `sign` takes the fast route of this machine. */
  readonly sm2: Sm2;
  /** Everything sequenced and committed; what checks and quotes read. */
  readonly pending: StateView;
  readonly certified: Certified;
  readonly operator: AccountSigner;
  /** Published demonstration keys; null on any other chain. */
  readonly demo: { readonly supervisor: AccountSigner; readonly notary: AccountSigner; readonly court: AccountSigner } | null;
  /** Opened fields of Trades, sealed for supervisors and parties. */
  readonly envelopes: EnvelopeVault;
  /** Any account whose one key is at hand. */
  signerFor(keys: OrgKeys): AccountSigner;
  /** Somebody brought a header that the consortium certified, of another log than the one here: evidence, and a halt (`ledger.md` 14). */
  contradicted(shown: Shown): void;
  /** Nothing is sequenced or signed any more until a restart: for a contradiction that an audit must name first. */
  halt(sentence: string): void;
  /**
   * Serial, one group at a time. `work` MUST have committed its database transaction when it resolves. If it throws,
   * everything applied in the group is undone.
   */
  runGroup<T>(work: (group: SequencingGroup) => Promise<T>): Promise<T>;
  /** Worker threads check; `apply` then finds the answers. Resolves true for each that verifies. */
  verifyMany(checks: readonly SignatureCheck[]): Promise<readonly boolean[]>;
  /** After the certifying database transaction has committed. Returns the way to stop listening. */
  onCertified(listener: (block: CertifiedBlock) => void): () => void;
  /** Certified blocks above a height, oldest first, from the tables: for a listener that was not there. */
  blocksAfter(height: bigint): AsyncIterable<CertifiedBlock>;
  /** Seals what waits, in as many blocks as it takes; never from inside `runGroup`. */
  sealNow(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** Where messages of other members come in; null for a node that was not told of any. */
  readonly peers: PeerDoor | null;
  /** This member's signed word that a LedgerTx which waits here will be in a block; null when it can't give it now. */
  promise(txId: Bytes): Promise<GivenPromise | null>;
}

export interface BlockSummary {
  readonly height: bigint;
  readonly header: Header;
  readonly headerHash: Bytes;
  readonly finality: Finality | null;
  readonly signers: readonly string[];
}
