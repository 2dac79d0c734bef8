/** The node page (product O-01, O-02, O-11): where this node stands, who signed each block and when, who refused and why, who has
 *  contradicted himself, and by whose votes each configuration came. For everybody: nothing here is private. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Member, Policy } from '#ledger/codec/config.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { type NodeStatus, nodeStatus } from '#ledger/node/node-status.ts';
import type { Observation } from '#ledger/node/store/consortium.ts';
import { readEvidence, readObservations } from '#ledger/node/store/consortium.ts';
import type { LedgerReader } from '#ledger/node/types.ts';
import { equalBytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { daysLeft, warningAt } from '#server/pki/certificate-views.ts';
import { type CertificateRow, listCertificates } from '#server/pki/pki.repo.ts';
import type { CertificateView } from '#server/trpc/views.ts';
import { readNodeFigures } from './node-page.repo.ts';

const BLOCKS_SHOWN = 100;
const REFUSALS_SHOWN = 50;
const VERSION: unknown = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));

/** `voted`: its Vote is in the Finality; `late`: seen, but a quorum had it before; `endorsed`: no Vote seen; `none`: nothing seen. */
export type CellState = 'voted' | 'late' | 'endorsed' | 'refused' | 'none';
export type BlockSignatures = {
  readonly height: number;
  readonly sealedAt: number;
  readonly txCount: number;
  readonly cells: readonly {
    readonly member: number;
    readonly state: CellState;
    readonly at: number | null;
    readonly code: string | null;
  }[];
};
/** Against the newest certified block here, as far as the member has told. */
export type MemberLag = {
  readonly member: number;
  readonly blocks: number;
  /** Since the first block that it lacks was sealed; 0 when it has them all. `isMore`: that block is older than those that are shown. */
  readonly seconds: number;
  readonly isMore: boolean;
};
/** Of a member's node key, as governance has pinned it. `state` `unknown`: only its SM3 is known here, until somebody imports it. */
export type MemberCertificate =
  | { readonly member: number; readonly state: 'none' }
  | { readonly member: number; readonly state: 'unknown' }
  | {
      readonly member: number;
      readonly state: 'known';
      readonly subject: string;
      readonly notAfter: number;
      /** Rounded down; negative once it has expired. */
      readonly days: number;
      /** The narrowest of 60, 30, 7 days that has been passed; 0: expired. Votes count all the same (`ledger.md` 20). */
      readonly warning: CertificateView['warning'];
    };
export type NodeRefusal = {
  readonly height: number;
  readonly member: number;
  readonly code: string;
  readonly pos: number | null;
  readonly txId: string | null;
  readonly at: number;
};
export type NodeConfiguration = {
  readonly epoch: number;
  /** Log index of the ConfigUpdate; null for genesis. */
  readonly entry: number | null;
  /** Member ids whose governance keys approved. */
  readonly approvals: readonly number[];
  readonly isInForce: boolean;
  readonly members: readonly { readonly id: number; readonly org: string; readonly role: number }[];
  readonly finality: string;
  readonly governance: string;
};
export type NodePage = {
  readonly status: NodeStatus;
  readonly version: string;
  readonly role: number | null;
  /** Null when the volume does not say. */
  readonly disk: { readonly freeBytes: number; readonly databaseBytes: number } | null;
  /** Of this program's clock against the database's. */
  readonly clockOffsetMs: number;
  readonly blocks: readonly BlockSignatures[];
  readonly lags: readonly MemberLag[];
  readonly certificates: readonly MemberCertificate[];
  readonly refusals: readonly NodeRefusal[];
  readonly evidence: readonly {
    readonly kind: number;
    readonly member: number;
    readonly foundAt: number;
    readonly a: string;
    readonly b: string;
  }[];
  readonly configurations: readonly NodeConfiguration[];
  /** When this was read, by this program's clock. */
  readonly now: number;
};

export type NodeGround = { readonly sql: Sql; readonly clock: Clock; readonly ledger: LedgerReader };

export async function readNodePage({ sql, clock, ledger }: NodeGround): Promise<NodePage> {
  const status = nodeStatus(ledger);
  const blocks = (await ledger.blocks({ limit: BLOCKS_SHOWN })).filter((block) => block.height > 0n);
  const lowest = blocks.at(-1)?.height ?? 0n;
  const [observations, found, figures, free, configurations, known] = await Promise.all([
    readObservations(sql, lowest === 0n ? 0n : lowest - 1n),
    readEvidence(sql),
    readNodeFigures(sql),
    freeBytes(),
    readConfigurations(ledger),
    listCertificates(sql),
  ]);
  const seen = Map.groupBy(observations, (each) => each.height);
  const memberIds = ledger.config.members.map((member) => member.id);
  const self = status.self ?? ledger.config.members[0]?.id ?? null;
  return {
    status,
    version: versionText(),
    role: ledger.config.members.find((member) => member.id === self)?.role ?? null,
    disk: free === null ? null : { freeBytes: free, databaseBytes: figures.databaseBytes },
    clockOffsetMs: clock.now() - figures.now,
    blocks: blocks.map((block) => ({
      height: Number(block.height),
      sealedAt: Number(block.header.sealedAt),
      txCount: block.header.txCount,
      cells: cellsOf(memberIds, new Set(block.finality?.sigs.map((sig) => sig.member)), seen.get(block.height) ?? []),
    })),
    lags: status.members.flatMap(({ id, height }) =>
      height === null ? [] : [lagOf({ member: id, height }, { height: status.height, blocks, now: clock.now() })],
    ),
    certificates: ledger.config.members.map((member) => certificateOf(member, known, clock.now())),
    refusals: observations.flatMap(refusalOf).slice(0, REFUSALS_SHOWN),
    evidence: found.map(({ kind, member, foundAt, a, b }) => ({ kind, member, foundAt: Number(foundAt), a: toHex(a), b: toHex(b) })),
    configurations,
    now: clock.now(),
  };
}

/** `blocks`: the newest, highest first. */
export function lagOf(
  { member, height }: { readonly member: number; readonly height: number },
  here: { readonly height: number; readonly now: number; readonly blocks: readonly { height: bigint; header: { sealedAt: bigint } }[] },
): MemberLag {
  const blocks = Math.max(0, here.height - height);
  if (blocks === 0) return { member, blocks, seconds: 0, isMore: false };
  const lacked = here.blocks.findLast((block) => block.height > BigInt(height));
  const seconds = lacked === undefined ? 0 : Math.max(0, Math.round((here.now - Number(lacked.header.sealedAt)) / 1_000));
  return { member, blocks, seconds, isMore: lacked?.height !== BigInt(height) + 1n };
}

function certificateOf({ id, cert }: Member, known: readonly CertificateRow[], now: Instant): MemberCertificate {
  if (isZero(cert)) return { member: id, state: 'none' };
  const row = known.find(({ sm3 }) => equalBytes(sm3, cert));
  if (row === undefined) return { member: id, state: 'unknown' };
  const { subject, notAfter } = row;
  return { member: id, state: 'known', subject, notAfter, days: daysLeft(notAfter, now), warning: warningAt(notAfter, now) };
}

function cellsOf(members: readonly number[], voters: ReadonlySet<number>, seen: readonly Observation[]): BlockSignatures['cells'] {
  return members.map((member) => {
    const own = seen.filter((each) => each.member === member);
    const act = (name: Observation['act']) => own.find((each) => each.act === name);
    const [vote, endorse, refuse] = [act('vote'), act('endorse'), act('refuse')];
    const at = vote ?? endorse ?? refuse;
    return {
      member,
      state: stateOf(voters.has(member), vote, endorse, refuse),
      at: at === undefined ? null : Number(at.seenAt),
      code: refuse?.code ?? null,
    };
  });
}

function stateOf(isVoter: boolean, vote?: Observation, endorse?: Observation, refuse?: Observation): CellState {
  if (isVoter) return 'voted';
  if (vote !== undefined) return 'late';
  if (refuse !== undefined) return 'refused';
  return endorse === undefined ? 'none' : 'endorsed';
}

function refusalOf({ act, height, member, code, pos, txId, seenAt }: Observation): readonly NodeRefusal[] {
  if (act !== 'refuse') return [];
  return [{ height: Number(height), member, code: code ?? '', pos, txId: txId === null ? null : toHex(txId), at: Number(seenAt) }];
}

/** Newest first. Each after genesis stands on the ledger with the votes that it has. */
async function readConfigurations(ledger: LedgerReader): Promise<readonly NodeConfiguration[]> {
  const { genesis, links } = await ledger.trust();
  const inForce = ledger.config.epoch;
  const view = (config: LedgerReader['config'], entry: number | null, approvals: readonly number[]): NodeConfiguration => ({
    epoch: config.epoch,
    entry,
    approvals,
    isInForce: config.epoch === inForce,
    members: config.members.map(({ id, org, role }) => ({ id, org, role })),
    finality: policyText(config.finality),
    governance: policyText(config.governance),
  });
  const later = links.flatMap((link): readonly NodeConfiguration[] => {
    if (link.kind === 'recovery')
      return [
        view(
          link.recovery.config,
          null,
          link.recovery.approvals.map(({ member }) => member),
        ),
      ];
    const { op } = decodeEntry(link.entry).env.body;
    return op.kind === 'config_update'
      ? [
          view(
            op.config,
            Number(link.index),
            op.approvals.map(({ member }) => member),
          ),
        ]
      : [];
  });
  return [view(genesis.config, null, []), ...later].reverse();
}

/** `3 of (1, 2, 3, 4)`; a role is written as `role 2 × 1`. */
function policyText(policy: Policy): string {
  switch (policy.kind) {
    case 'sig':
      return String(policy.member);
    case 'at_least':
      return `${policy.k} of (${policy.of.map(policyText).join(', ')})`;
    case 'role':
      return `role ${policy.role} × ${policy.k}`;
  }
}

function versionText(): string {
  return typeof VERSION === 'object' && VERSION !== null && 'version' in VERSION ? String(VERSION.version) : '';
}

async function freeBytes(): Promise<number | null> {
  const found = await statfs('.').catch(() => null);
  return found === null ? null : found.bavail * found.bsize;
}
