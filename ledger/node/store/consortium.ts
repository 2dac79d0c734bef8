/** What a member keeps beside the record: bodies it was shown, promises, what others said was certified, contradictions, observations. */
import type postgres from 'postgres';
import { decodeEndorsementSet, encodeEndorsementSet, encodeFinality, encodeHeader } from '#ledger/codec/header.ts';
import { type BlockBody, decodeBlockBody, encodeBlockBody } from '#ledger/codec/peer-body.ts';
import { type Certified, decodeSeal, encodeSeal, type SignedSeal } from '#ledger/codec/recovery.ts';
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';
import { headerHash, recordKey } from '#ledger/tx/ids.ts';
import { hexList, list, own } from './columns.ts';

type Sql = postgres.Sql;

/** Observations of this many heights are kept. */
const OBSERVED_HEIGHTS = 5000n;

/** Handed to the disk in order: durable at the latest with the next record, whose commit waits for the log up to there. */
export async function insertProposal(sql: Sql, block: BlockBody): Promise<void> {
  await sql.begin((tx) => [
    tx`set local synchronous_commit = off`,
    tx`insert into ledger.proposals (header_hash, height, body)
      values (${headerHash(block.header)}, ${String(block.header.height)}, ${encodeBlockBody(block)}) on conflict (header_hash) do nothing`,
  ]);
}

export async function readProposal(sql: Sql, header: Uint8Array): Promise<BlockBody | null> {
  const [row] = await sql<{ body: Uint8Array }[]>`select body from ledger.proposals where header_hash = ${header}`;
  return row === undefined ? null : decodeBlockBody(own(row.body));
}

/** Bodies above a height: a start takes them up again. */
export async function readProposalsAbove(sql: Sql, height: bigint): Promise<readonly BlockBody[]> {
  const rows = await sql<{ body: Uint8Array }[]>`select body from ledger.proposals where height > ${String(height)} order by height`;
  return rows.map((row) => decodeBlockBody(own(row.body)));
}

export async function deleteProposals(sql: Sql, below: bigint): Promise<void> {
  await sql`delete from ledger.proposals where height < ${String(below)}`;
}

export async function insertCheckpoint(sql: Sql, member: number, { header, finality }: Certified, seenAt: bigint): Promise<void> {
  await sql`insert into ledger.peer_checkpoints (member, height, header_hash, body, seen_at)
    values (${member}, ${String(header.height)}, ${headerHash(header)}, ${concat(encodeHeader(header), encodeFinality(finality))}, ${String(seenAt)})
    on conflict (member, height, header_hash) do nothing`;
}

/** A Seal of another member. Durable on return; the same twice is one. */
export async function insertPeerSeal(sql: Sql, { seal, sig, set }: SignedSeal): Promise<void> {
  await sql`insert into ledger.peer_seals (new_epoch, member, body, endorsed, sig)
    values (${seal.newEpoch}, ${seal.member}, ${encodeSeal(seal)}, ${set === null ? null : encodeEndorsementSet(set)}, ${sig})
    on conflict (new_epoch, member) do nothing`;
}

/** For epochs above one. */
export async function readPeerSeals(sql: Sql, aboveEpoch: number): Promise<readonly SignedSeal[]> {
  const rows = await sql<{ body: Uint8Array; endorsed: Uint8Array | null; sig: Uint8Array }[]>`
    select body, endorsed, sig from ledger.peer_seals where new_epoch > ${aboveEpoch} order by new_epoch, member`;
  return rows.map((row) => ({
    seal: decodeSeal(row.body),
    sig: own(row.sig),
    set: row.endorsed === null ? null : decodeEndorsementSet(row.endorsed),
  }));
}

export interface PeerCheckpointRow {
  readonly member: number;
  readonly height: bigint;
  readonly headerHash: Bytes;
  readonly seenAt: bigint;
}

/** The newest of each member. */
export async function readCheckpoints(sql: Sql): Promise<readonly PeerCheckpointRow[]> {
  const rows = await sql<{ member: number; height: string; header_hash: Uint8Array; seen_at: string }[]>`
    select distinct on (member) member, height, header_hash, seen_at from ledger.peer_checkpoints order by member, height desc`;
  return rows.map((row) => ({
    member: row.member,
    height: BigInt(row.height),
    headerHash: own(row.header_hash),
    seenAt: BigInt(row.seen_at),
  }));
}

export interface FoundEvidence {
  readonly kind: number;
  readonly member: number;
  readonly a: Bytes;
  readonly b: Bytes;
}

/** True when it was not known before. */
export async function insertEvidence(sql: Sql, { kind, member, a, b }: FoundEvidence, foundAt: bigint): Promise<boolean> {
  const rows = await sql`insert into ledger.evidence (hash, kind, member, a, b, found_at)
    values (${recordKey.evidence(kind, a, b)}, ${kind}, ${member}, ${a}, ${b}, ${String(foundAt)}) on conflict (hash) do nothing returning 1`;
  return rows.length === 1;
}

export async function readEvidence(sql: Sql): Promise<readonly (FoundEvidence & { readonly foundAt: bigint })[]> {
  const rows = await sql<{ kind: number; member: number; a: Uint8Array; b: Uint8Array; found_at: string }[]>`
    select kind, member, a, b, found_at from ledger.evidence order by found_at`;
  return rows.map((row) => ({ kind: row.kind, member: row.member, a: own(row.a), b: own(row.b), foundAt: BigInt(row.found_at) }));
}

/** A signature or a refusal that this member saw, for people. */
export interface Observation {
  readonly height: bigint;
  readonly term: bigint;
  readonly member: number;
  readonly act: 'endorse' | 'refuse' | 'vote';
  readonly code: string | null;
  readonly pos: number | null;
  readonly txId: Bytes | null;
  readonly seenAt: bigint;
}

export async function insertObservations(sql: Sql, rows: readonly Observation[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into ledger.observations (height, term, member, act, code, pos, tx_id, seen_at)
    select height::bigint, term::bigint, member::integer, act, nullif(code, ''), nullif(pos, '')::integer, nullif(decode(tx_id, 'hex'), ''), seen_at::bigint
    from unnest(string_to_array(${list(rows.map((row) => row.height))}, ','), string_to_array(${list(rows.map((row) => row.term))}, ','),
      string_to_array(${list(rows.map((row) => row.member))}, ','), string_to_array(${list(rows.map((row) => row.act))}, ','),
      string_to_array(${list(rows.map((row) => row.code ?? ''))}, ','), string_to_array(${list(rows.map((row) => row.pos ?? ''))}, ','),
      string_to_array(${hexList(rows.map((row) => row.txId ?? new Uint8Array(0)))}, ','), string_to_array(${list(rows.map((row) => row.seenAt))}, ','))
      as t (height, term, member, act, code, pos, tx_id, seen_at)
    on conflict (height, term, member, act) do nothing`;
}

/** Forgets what is too old for the grid of signatures. */
export async function trimObservations(sql: Sql, tip: bigint): Promise<void> {
  await sql`delete from ledger.observations where height < ${String(tip - OBSERVED_HEIGHTS)}`;
}

/** Newest heights first. */
export async function readObservations(sql: Sql, above: bigint): Promise<readonly Observation[]> {
  const rows = await sql<
    {
      height: string;
      term: string;
      member: number;
      act: 'endorse' | 'refuse' | 'vote';
      code: string | null;
      pos: number | null;
      tx_id: Uint8Array | null;
      seen_at: string;
    }[]
  >`select * from ledger.observations where height > ${String(above)} order by height desc, term desc, member`;
  return rows.map((row) => ({
    height: BigInt(row.height),
    term: BigInt(row.term),
    member: row.member,
    act: row.act,
    code: row.code,
    pos: row.pos,
    txId: row.tx_id === null ? null : own(row.tx_id),
    seenAt: BigInt(row.seen_at),
  }));
}

export interface OpenPromise {
  readonly txId: Bytes;
  readonly env: Bytes;
  readonly body: Bytes;
}

/** Promises whose LedgerTx is in no block yet. */
export async function readOpenPromises(sql: Sql): Promise<readonly OpenPromise[]> {
  const rows = await sql<{ tx_id: Uint8Array; env: Uint8Array; body: Uint8Array }[]>`
    select p.tx_id, p.env, p.body from ledger.promises p left join ledger.entries e on e.tx_id = p.tx_id where e.idx is null order by taken_at`;
  return rows.map((row) => ({ txId: own(row.tx_id), env: own(row.env), body: own(row.body) }));
}
