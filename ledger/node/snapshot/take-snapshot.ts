/**
 * Writes a snapshot of a certified state into a folder (`ledger.md` 11): `manifest`, `trust`, `recent.gz` and a file per chunk of leaves and
 * for the bodies. The folder appears whole or not at all, and any web server may hand it out.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type postgres from 'postgres';
import { encodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { encodeConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Finality, Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf, REGISTER, type StateLeaf } from '#ledger/codec/leaves.ts';
import type { Certified } from '#ledger/codec/recovery.ts';
import {
  BODIES,
  BODY_KIND,
  CHUNK_LEAVES,
  encodeBodies,
  encodeManifest,
  encodeRecent,
  type SnapshotBody,
  type SnapshotFile,
} from '#ledger/codec/snapshot.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { LogTree } from '#ledger/merkle/log-tree.ts';
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';
import { encodeTrustBundle, type TrustBundle } from '#ledger/proof/receipt.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { decodeBlock, readBlocks, readEntries } from '../store/blocks.ts';

const pack = promisify(gzip);
const DAY_MS = 86_400_000n;
const PAGE = 500;

export const MANIFEST = 'manifest';
export const TRUST = 'trust';
export const RECENT = 'recent.gz';
export const fileName = ({ reg, chunk }: Pick<SnapshotFile, 'reg' | 'chunk'>): string =>
  reg === BODIES ? `bodies-${chunk}.gz` : `r${reg}-${chunk}.gz`;

/** The state as it stood at a header: copied before it moves on. Leaves themselves never change. */
export interface StillState {
  readonly header: Header;
  readonly finality: Finality;
  readonly frontier: readonly Bytes[];
  readonly leaves: ReadonlyMap<number, readonly StateLeaf[]>;
  readonly bodies: readonly SnapshotBody[];
}

const REGISTERS: readonly number[] = [REGISTER.items, REGISTER.accounts, REGISTER.classes, REGISTER.orders, REGISTER.records];

export function stillState(state: LedgerState, header: Header, finality: Finality): StillState {
  return {
    header,
    finality,
    frontier: state.log.frontier(Number(header.logSize)),
    leaves: new Map(REGISTERS.map((reg) => [reg, [...state.leaves(reg)]])),
    bodies: [
      ...[...state.policies()].map((policy) => ({ kind: BODY_KIND.policy, body: encodeAuthPolicy(policy) })),
      ...[...state.configs()].map((config) => ({ kind: BODY_KIND.config, body: encodeConsortiumConfig(config) })),
    ],
  };
}

export interface TakeSnapshot {
  readonly sql: postgres.Sql;
  readonly genesis: Genesis;
  readonly log: LogTree;
  readonly still: StillState;
  readonly trust: TrustBundle;
  /** Must not exist yet. */
  readonly folder: string;
}

export async function takeSnapshot({ sql, genesis, log, still, trust, folder }: TakeSnapshot): Promise<void> {
  const { header, finality, frontier } = still;
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const files: SnapshotFile[] = [];
  const write = async (reg: number, chunk: number, count: number, bytes: Bytes): Promise<void> => {
    files.push({ reg, chunk, count, sm3: sm3(bytes) });
    await writeFile(path.join(draft, fileName({ reg, chunk })), await pack(bytes));
  };
  if (still.bodies.length > 0) await write(BODIES, 0, still.bodies.length, encodeBodies(still.bodies));
  for (const [reg, leaves] of still.leaves) {
    for (let chunk = 0; chunk * CHUNK_LEAVES < leaves.length; chunk++) {
      const part = leaves.slice(chunk * CHUNK_LEAVES, (chunk + 1) * CHUNK_LEAVES);
      await write(reg, chunk, part.length, concat(...part.map(encodeStateLeaf)));
    }
  }
  await writeFile(path.join(draft, TRUST), encodeTrustBundle(trust));
  await writeFile(path.join(draft, RECENT), await pack(encodeRecent(await recentEntries(sql, genesis, log, header))));
  await writeFile(path.join(draft, MANIFEST), encodeManifest({ height: header.height, header, finality, frontier, files }));
  await rename(draft, folder);
}

/** The entries of the last day, and the certified block before them. A store that begins later shows what it has. */
async function recentEntries(sql: postgres.Sql, genesis: Genesis, log: LogTree, header: Header) {
  const before = await lastBefore(sql, header);
  const from = before?.header.logSize ?? genesis.predecessor?.header.logSize ?? 0n;
  const entries: Bytes[] = [];
  for (let at = from; at < header.logSize; at += BigInt(PAGE)) {
    const end = at + BigInt(PAGE) < header.logSize ? at + BigInt(PAGE) : header.logSize;
    for (const row of await readEntries(sql, at, end)) entries.push(row.body);
  }
  return { before, frontier: log.frontier(Number(from)), entries };
}

/** The newest certified block that is a day older; null: there is none. */
async function lastBefore(sql: postgres.Sql, header: Header): Promise<Certified | null> {
  for (let below = header.height; ; ) {
    const rows = await readBlocks(sql, below, PAGE);
    for (const row of rows) {
      const block = decodeBlock(row);
      if (block.finality !== null && block.header.sealedAt + DAY_MS <= header.sealedAt)
        return { header: block.header, finality: block.finality };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return null;
    below = last.height;
  }
}
