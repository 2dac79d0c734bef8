/** The tables of what this member has signed. Every insert is on disk when it resolves, whatever the site's setting. */
import type postgres from 'postgres';
import {
  decodeEndorsementSet,
  type EndorsementSet,
  encodeEndorsementSet,
  encodeSubmitPromise,
  type SubmitPromise,
} from '#ledger/codec/header.ts';
import { decodeSeal, encodeSeal, type Seal, type SignedSeal } from '#ledger/codec/recovery.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

type Sql = postgres.Sql;
type Tx = postgres.TransactionSql;

const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

export interface SignatureRow {
  readonly epoch: number;
  readonly height: bigint;
  readonly term: bigint;
  readonly header: Bytes;
  readonly sig: Bytes;
}

/** Only the role `ledger_signer` may write these tables; the trigger refuses every other, a superuser too. */
const asSigner = (tx: Tx) => [tx`set local synchronous_commit = on`, tx`set local role ledger_signer`];

export async function insertEndorsement(sql: Sql, row: SignatureRow): Promise<void> {
  await sql.begin((tx) => [
    ...asSigner(tx),
    tx`insert into ledger.endorsements (epoch, height, term, header_hash, sig)
      values (${row.epoch}, ${String(row.height)}, ${String(row.term)}, ${row.header}, ${row.sig})`,
  ]);
}

export async function insertVote(sql: Sql, vote: SignatureRow, set: EndorsementSet): Promise<void> {
  await sql.begin((tx) => voteStatements(tx, vote, encodeEndorsementSet(set)));
}

/** For a database transaction that stores more than the Vote. The role is the caller's again afterwards. */
export function voteStatements(tx: Tx, vote: SignatureRow, endorsed: Bytes | null = null) {
  return [
    ...asSigner(tx),
    tx`insert into ledger.votes (epoch, height, term, header_hash, sig, endorsed)
      values (${vote.epoch}, ${String(vote.height)}, ${String(vote.term)}, ${vote.header}, ${vote.sig}, ${endorsed})`,
    tx`reset role`,
  ];
}

export async function insertSeal(sql: Sql, seal: Seal, set: EndorsementSet | null, sig: Bytes): Promise<void> {
  await sql.begin((tx) => [
    ...asSigner(tx),
    tx`insert into ledger.seals (new_epoch, tip_height, body, endorsed, sig)
      values (${seal.newEpoch}, ${String(seal.tipHeight)}, ${encodeSeal(seal)}, ${set === null ? null : encodeEndorsementSet(set)}, ${sig})`,
  ]);
}

export interface PromiseRow {
  readonly env: Bytes;
  readonly takenAt: bigint;
  readonly sig: Bytes;
}

export async function insertPromise(sql: Sql, promise: SubmitPromise, row: PromiseRow): Promise<void> {
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    tx`insert into ledger.promises (tx_id, env, due_at, taken_at, sig, body)
      values (${promise.txId}, ${row.env}, ${String(promise.by)}, ${String(row.takenAt)}, ${row.sig}, ${encodeSubmitPromise(promise)})`,
  ]);
}

export async function readPromiseSig(sql: Sql, promise: SubmitPromise): Promise<Bytes | null> {
  const [row] = await sql<{ sig: Uint8Array }[]>`
    select sig from ledger.promises where tx_id = ${promise.txId} and body = ${encodeSubmitPromise(promise)}`;
  return row === undefined ? null : own(row.sig);
}

export async function insertAbstention(sql: Sql, height: bigint): Promise<void> {
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    tx`insert into ledger.abstentions (height) values (${String(height)}) on conflict (height) do nothing`,
  ]);
}

export interface StoredStanding {
  /** The others have not answered yet. */
  readonly isAsking: boolean;
  readonly quietUntil: bigint;
}

/** `null`: it asks; a height: it has been answered. In one database transaction with what the trigger reads. */
export async function keepStanding(sql: Sql, until: bigint | null): Promise<void> {
  const height = String(until ?? 0n);
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    ...(until === null ? [] : [tx`insert into ledger.abstentions (height) values (${height}) on conflict (height) do nothing`]),
    tx`insert into ledger.standing (is_asking, quiet_until) values (${until === null}, ${height})
      on conflict (id) do update set is_asking = excluded.is_asking, quiet_until = greatest(ledger.standing.quiet_until, excluded.quiet_until)`,
  ]);
}

export async function readStanding(sql: Sql): Promise<StoredStanding> {
  const [row] = await sql<{ is_asking: boolean; quiet_until: string }[]>`select is_asking, quiet_until from ledger.standing`;
  return row === undefined ? { isAsking: false, quietUntil: 0n } : { isAsking: row.is_asking, quietUntil: BigInt(row.quiet_until) };
}

export async function insertRecovery(sql: Sql, newEpoch: number, height: bigint, body: Bytes): Promise<void> {
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    tx`insert into ledger.recoveries (new_epoch, height, body) values (${newEpoch}, ${String(height)}, ${body})
      on conflict (new_epoch) do nothing`,
  ]);
}

type RawSignature = {
  readonly epoch: string;
  readonly height: string;
  readonly term: string;
  readonly header_hash: Uint8Array;
  readonly sig: Uint8Array;
};

function signatureOf(row: RawSignature): SignatureRow {
  return {
    epoch: Number(row.epoch),
    height: BigInt(row.height),
    term: BigInt(row.term),
    header: own(row.header_hash),
    sig: own(row.sig),
  };
}

export async function readEndorsement(sql: Sql, epoch: number, height: bigint, term: bigint): Promise<SignatureRow | null> {
  const [row] = await sql<RawSignature[]>`
    select * from ledger.endorsements where epoch = ${epoch} and height = ${String(height)} and term = ${String(term)}`;
  return row === undefined ? null : signatureOf(row);
}

/** At most one: S2. */
export async function readVote(sql: Sql, epoch: number, height: bigint): Promise<SignatureRow | null> {
  const [row] = await sql<RawSignature[]>`select * from ledger.votes where epoch = ${epoch} and height = ${String(height)}`;
  return row === undefined ? null : signatureOf(row);
}

export interface VoteRow extends SignatureRow {
  /** The set that the Vote was given on; null with one member. */
  readonly endorsed: EndorsementSet | null;
}

/** What was signed above a height, oldest first: a start takes it up again. */
export async function readSignedAbove(sql: Sql, height: bigint) {
  const [endorsements, votes] = await Promise.all([
    sql<RawSignature[]>`select * from ledger.endorsements where height > ${String(height)} order by epoch, height, term`,
    sql<(RawSignature & { readonly endorsed: Uint8Array | null })[]>`
      select * from ledger.votes where height > ${String(height)} order by epoch, height`,
  ]);
  return {
    endorsements: endorsements.map(signatureOf),
    votes: votes.map(
      (row): VoteRow => ({ ...signatureOf(row), endorsed: row.endorsed === null ? null : decodeEndorsementSet(row.endorsed) }),
    ),
  };
}

export async function readSeal(sql: Sql, newEpoch: number): Promise<{ readonly payload: Bytes; readonly sig: Bytes } | null> {
  const [row] = await sql<{ body: Uint8Array; sig: Uint8Array }[]>`select body, sig from ledger.seals where new_epoch = ${newEpoch}`;
  return row === undefined ? null : { payload: own(row.body), sig: own(row.sig) };
}

/** A Seal as it was given, with the set that it reports. */
export async function readSignedSeal(sql: Sql, newEpoch: number): Promise<SignedSeal | null> {
  const [row] = await sql<{ body: Uint8Array; endorsed: Uint8Array | null; sig: Uint8Array }[]>`
    select body, endorsed, sig from ledger.seals where new_epoch = ${newEpoch}`;
  if (row === undefined) return null;
  return { seal: decodeSeal(row.body), sig: own(row.sig), set: row.endorsed === null ? null : decodeEndorsementSet(row.endorsed) };
}

/** Asks the running node for a Seal. The same order twice is one. */
export async function insertSealOrder(sql: Sql, newEpoch: number, orderedAt: number): Promise<void> {
  await sql`insert into ledger.seal_orders (new_epoch, ordered_at) values (${newEpoch}, ${orderedAt}) on conflict (new_epoch) do nothing`;
}

/** The highest epoch that was ordered and is not sealed yet. */
export async function readSealOrder(sql: Sql): Promise<number | null> {
  const [row] = await sql<{ epoch: string | null }[]>`
    select max(new_epoch) as epoch from ledger.seal_orders where new_epoch > (select coalesce(max(new_epoch), 0) from ledger.seals)`;
  return row === undefined || row.epoch === null ? null : Number(row.epoch);
}

/** PCE of every Seal given, oldest first. */
export async function readAllSeals(sql: Sql): Promise<readonly Bytes[]> {
  const rows = await sql<{ body: Uint8Array }[]>`select body from ledger.seals order by new_epoch`;
  return rows.map((row) => own(row.body));
}

/** PCE of every Recovery accepted, oldest first. */
export async function readRecoveries(sql: Sql): Promise<readonly Bytes[]> {
  const rows = await sql<{ body: Uint8Array }[]>`select body from ledger.recoveries order by new_epoch`;
  return rows.map((row) => own(row.body));
}

/** The highest epoch in any record; 0 before the first. */
export async function readSignedEpoch(sql: Sql): Promise<number> {
  const [row] = await sql<{ epoch: string | null }[]>`
    select greatest((select max(epoch) from ledger.votes), (select max(epoch) from ledger.endorsements)) as epoch`;
  return Number(row?.epoch ?? 0);
}

export interface SignerStoreRow {
  readonly chain: Bytes;
  readonly publicKey: Bytes;
}

/** Of a signer process: what these tables were begun for. */
export async function readSignerStore(sql: Sql): Promise<SignerStoreRow | null> {
  const [row] = await sql<{ chain: Uint8Array; public_key: Uint8Array }[]>`select chain, public_key from ledger.signer_stores`;
  return row === undefined ? null : { chain: own(row.chain), publicKey: own(row.public_key) };
}

export async function writeSignerStore(sql: Sql, { chain, publicKey }: SignerStoreRow): Promise<void> {
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    tx`insert into ledger.signer_stores (chain, public_key) values (${chain}, ${publicKey})`,
  ]);
}
