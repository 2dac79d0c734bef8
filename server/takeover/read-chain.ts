/** What the entries say of a market that is gone: people, sales, rules, references. Read once, from the first block to the last. */

import { REGISTER } from '#ledger/codec/leaves.ts';
import type { TradeOp } from '#ledger/codec/op-types.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import { requireWholeChain } from '#ledger/node/store/base.ts';
import { decodeBlock, type EntryRow, readEntries, streamBlocks } from '#ledger/node/store/blocks.ts';
import { type Bytes, equalBytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdOf } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { DOCUMENT_ATTEST } from '#sandbox/cases/case-order.ts';
import type { Sql } from '#server/db.ts';

const PLAYER = 0;
const ATTEST_FEED_HEAD = 5;

export type OpenedAccount = {
  readonly acct: AccountId;
  readonly kyc: Bytes;
  readonly env: Bytes;
  readonly ref: Bytes;
  readonly at: Instant;
};
export type RecordedTrade = { readonly op: TradeOp; readonly txId: Bytes; readonly index: bigint; readonly at: Instant };
export type EnteredDocument = { readonly doc: Bytes; readonly at: Instant };

export type RecordedArt = { readonly cls: number; readonly media: Bytes; readonly txId: Bytes; readonly salt: Bytes; readonly at: Instant };

export type ChainFacts = {
  readonly height: bigint;
  readonly players: readonly OpenedAccount[];
  readonly trades: readonly RecordedTrade[];
  /** Log indices of trades that were reversed. */
  readonly reversed: ReadonlySet<bigint>;
  /** Log indices of trades about which the operator stated something last (claim, answer, its desk's decision), and when: what was said is
   *  a hash, and a supervisor's ruling or a reversal closes it. */
  readonly disputes: ReadonlyMap<bigint, { readonly by: Bytes; readonly at: Instant }>;
  readonly packs: readonly EnteredDocument[];
  /** The newest of each experiment, with the state that it entered. */
  readonly experiments: readonly (EnteredDocument & { readonly state: number })[];
  readonly heads: { readonly index: bigint; readonly doc: Bytes } | null;
  /** By whose LedgerTx a kind came to be. */
  readonly txOfKind: ReadonlyMap<bigint, Bytes>;
  /** Envelopes that PayloadErased entries name, in hex, and when. */
  readonly erased: ReadonlyMap<string, Instant>;
  /** Every ClassUpdate that names art, in the log's order. */
  readonly art: readonly RecordedArt[];
  readonly sightings: readonly { readonly acct: Bytes; readonly salt: Bytes; readonly txId: Bytes }[];
};

type Building = {
  -readonly [K in 'players' | 'trades' | 'packs' | 'art' | 'sightings']: ChainFacts[K][number][];
} & {
  readonly reversed: Set<bigint>;
  readonly erased: Map<string, Instant>;
  readonly disputes: Map<bigint, { readonly by: Bytes; readonly at: Instant }>;
  readonly experiments: Map<string, ChainFacts['experiments'][number]>;
  readonly txOfKind: Map<bigint, Bytes>;
  heads: ChainFacts['heads'];
};

export async function readChainFacts(sql: Sql): Promise<ChainFacts> {
  const facts: Building = {
    players: [],
    trades: [],
    packs: [],
    art: [],
    sightings: [],
    reversed: new Set(),
    erased: new Map(),
    disputes: new Map(),
    experiments: new Map(),
    txOfKind: new Map(),
    heads: null,
  };
  let height = 0n;
  await requireWholeChain(sql);
  for await (const row of streamBlocks(sql, 0n)) {
    const { header } = decodeBlock(row);
    height = row.height;
    if (header.txCount === 0) continue;
    const at = instant(Number(header.sealedAt));
    for (const stored of await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize)) note(facts, stored, at);
  }
  return { ...facts, height, experiments: [...facts.experiments.values()] };
}

function note(facts: Building, { body, txId, index }: EntryRow, at: Instant): void {
  const entry = decodeEntry(body);
  const { salt, op } = entry.env.body;
  const [first] = entry.env.sigs;
  if (first !== undefined && op.kind !== 'trade') facts.sightings.push({ acct: first.acct, salt, txId });
  switch (op.kind) {
    case 'account_open':
      if (op.accountKind !== PLAYER) return;
      facts.players.push({ acct: accountIdOf(accountIdFromPolicy(op.policy)), kyc: op.kyc, env: op.env, ref: salt, at });
      return;
    case 'trade':
      facts.trades.push({ op, txId, index, at });
      return;
    case 'trade_reverse':
      // Where no money went back the item went by a supervisor's decision: the sale itself stands.
      if (op.pay.some((byte) => byte !== 0)) facts.reversed.add(op.entry);
      facts.disputes.delete(op.entry);
      return;
    case 'rule_pack_activate':
      facts.packs.push({ doc: op.pack, at: instant(Number(op.from)) });
      return;
    case 'experiment_transition':
      facts.experiments.set(toHex(op.experiment), { doc: op.doc, state: op.to, at });
      return;
    case 'attest':
      if (op.attestKind === ATTEST_FEED_HEAD) facts.heads = { index, doc: op.doc };
      if (op.attestKind === DOCUMENT_ATTEST && op.subject.kind === 'entry' && first !== undefined)
        noteStatement(facts.disputes, op.subject.index, { by: first.acct, at });
      return;
    case 'payload_erased':
      facts.erased.set(toHex(op.env), at);
      return;
    case 'class_update':
      if (!isZero(op.media)) facts.art.push({ cls: op.cls, media: op.media, txId, salt, at });
      return;
    case 'class_define':
      for (const serial of newKinds(entry)) facts.txOfKind.set(serial, txId);
      return;
    default:
      return;
  }
}

/** The first statement about a trade is the operator's; one by another organisation ends the dispute. */
export function noteStatement(
  disputes: Building['disputes'],
  entry: bigint,
  { by, at }: { readonly by: Bytes; readonly at: Instant },
): void {
  const opened = disputes.get(entry);
  if (opened === undefined || equalBytes(opened.by, by)) disputes.set(entry, { by, at });
  else disputes.delete(entry);
}

const newKinds = ({ effects }: Entry): readonly bigint[] => effects.flatMap(({ reg, index }) => (reg === REGISTER.classes ? [index] : []));
