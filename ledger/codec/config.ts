/** ConsortiumConfig and its parts (`ledger.md` 9): who may seal, govern and recover. */
import { type Bytes, compareBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { readVersion, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

export const ROLE = { operator: 0, studio: 1, supervisor: 2, notary: 3, court: 4, observer: 5, settlement: 6 } as const;
export const MEMBER_FLAG = { mirrorsMedia: 1, mayLead: 2 } as const;
export const MAX_MEMBERS = 20;
export const MAX_AGENTS = 64;
const MAX_ROOTS = 64;
const MAX_POLICY_DEPTH = 4;
const MAX_POLICY_NODES = 64;

export interface Member {
  readonly id: number;
  readonly org: string;
  readonly role: number;
  readonly flags: number;
  readonly acct: Bytes;
  /** Node key. */
  readonly pub: Bytes;
  readonly govPub: Bytes;
  readonly encPub: Bytes;
  /** SM3 of the DER certificate; zero in stage 1. */
  readonly cert: Bytes;
  readonly endpoint: string;
  readonly pop: Bytes;
}

/** An organisation with a role and no node. */
export interface Agent {
  readonly acct: Bytes;
  readonly role: number;
  readonly org: string;
}

export type Policy =
  | { readonly kind: 'sig'; readonly member: number }
  | { readonly kind: 'at_least'; readonly k: number; readonly of: readonly Policy[] }
  | { readonly kind: 'role'; readonly role: number; readonly k: number };

export interface Limits {
  readonly blockTx: number;
  readonly blockBytes: number;
  readonly blockMs: number;
  readonly idleMs: number;
  readonly skewMs: number;
  readonly leaseMs: number;
  readonly stallMs: number;
  readonly objectionMs: bigint;
  readonly sunsetNoticeMs: bigint;
  readonly packNoticeMs: bigint;
  readonly mediaBytes: bigint;
}

const DAY_MS = 86_400_000n;

export const DEFAULT_LIMITS: Limits = {
  blockTx: 1000,
  blockBytes: 2_097_152,
  blockMs: 250,
  idleMs: 30_000,
  skewMs: 2000,
  leaseMs: 5000,
  stallMs: 600_000,
  objectionMs: 7n * DAY_MS,
  sunsetNoticeMs: 60n * DAY_MS,
  packNoticeMs: 7n * DAY_MS,
  mediaBytes: 67_108_864n,
};

export interface Ordering {
  /** 0 pg, 1 etcd. */
  readonly kind: number;
  readonly leaders: readonly number[];
  readonly params: Bytes;
}

export interface ConsortiumConfig {
  readonly epoch: number;
  readonly f: number;
  /** By id. */
  readonly members: readonly Member[];
  /** By acct. */
  readonly agents: readonly Agent[];
  readonly finality: Policy;
  readonly governance: Policy;
  readonly recovery: Policy;
  readonly lastResort: Policy;
  readonly ordering: Ordering;
  readonly limits: Limits;
  /** SM3 of trusted root certificates. */
  readonly roots: readonly Bytes[];
}

export function writeMember(writer: Writer, member: Member): void {
  writer.u16(member.id).string(member.org).u8(member.role).u8(member.flags).b32(member.acct);
  writer.b64(member.pub).b64(member.govPub).b64(member.encPub).b32(member.cert).string(member.endpoint).b64(member.pop);
}

export function readMember(reader: Reader): Member {
  return {
    id: reader.u16(),
    org: reader.string(64),
    role: reader.u8(),
    flags: reader.u8(),
    acct: reader.b32(),
    pub: reader.b64(),
    govPub: reader.b64(),
    encPub: reader.b64(),
    cert: reader.b32(),
    endpoint: reader.string(128),
    pop: reader.b64(),
  };
}

/** What a member's `pop` signs, under tag `PLP1/pop` and 32 zero bytes as chain: 259 B. */
export function popPayload(member: Omit<Member, 'pop'>): Bytes {
  return encodeWith(
    (w, m: Omit<Member, 'pop'>) => w.u16(m.id).u8(m.role).b32(m.acct).b64(m.pub).b64(m.govPub).b64(m.encPub).b32(m.cert),
    member,
  );
}

export function writeAgent(writer: Writer, agent: Agent): void {
  writer.b32(agent.acct).u8(agent.role).string(agent.org);
}

export function readAgent(reader: Reader): Agent {
  return { acct: reader.b32(), role: reader.u8(), org: reader.string(64) };
}

export function writePolicy(writer: Writer, policy: Policy): void {
  switch (policy.kind) {
    case 'sig':
      writer.uleb(0).u16(policy.member);
      return;
    case 'at_least':
      writer.uleb(1).u8(policy.k).vec(policy.of, writePolicy);
      return;
    case 'role':
      writer.uleb(2).u8(policy.role).u8(policy.k);
      return;
  }
}

/** The only recursive type: depth at most 4, at most 64 nodes. */
export function readPolicy(reader: Reader): Policy {
  let nodes = 0;
  const readNode = (depth: number): Policy => {
    nodes++;
    if (depth > MAX_POLICY_DEPTH || nodes > MAX_POLICY_NODES)
      throw new ParseError('pce_over_limit', { offset: reader.offset, depth, nodes });
    const variant = reader.uleb();
    if (variant === 0) return { kind: 'sig', member: reader.u16() };
    if (variant === 1) {
      return { kind: 'at_least', k: reader.u8(), of: reader.vec(() => readNode(depth + 1), { smallest: 3, max: MAX_POLICY_NODES }) };
    }
    if (variant === 2) return { kind: 'role', role: reader.u8(), k: reader.u8() };
    throw new ParseError('pce_unknown_variant', { offset: reader.offset, variant });
  };
  return readNode(1);
}

export function writeLimits(writer: Writer, limits: Limits): void {
  writer
    .u32(limits.blockTx)
    .u32(limits.blockBytes)
    .u32(limits.blockMs)
    .u32(limits.idleMs)
    .u32(limits.skewMs)
    .u32(limits.leaseMs)
    .u32(limits.stallMs);
  writer.u64(limits.objectionMs).u64(limits.sunsetNoticeMs).u64(limits.packNoticeMs).u64(limits.mediaBytes);
}

export function readLimits(reader: Reader): Limits {
  return {
    blockTx: reader.u32(),
    blockBytes: reader.u32(),
    blockMs: reader.u32(),
    idleMs: reader.u32(),
    skewMs: reader.u32(),
    leaseMs: reader.u32(),
    stallMs: reader.u32(),
    objectionMs: reader.u64(),
    sunsetNoticeMs: reader.u64(),
    packNoticeMs: reader.u64(),
    mediaBytes: reader.u64(),
  };
}

export function writeConsortiumConfig(writer: Writer, config: ConsortiumConfig): void {
  writer.u8(VERSION).u32(config.epoch).u8(config.f).vec(config.members, writeMember).vec(config.agents, writeAgent);
  for (const policy of [config.finality, config.governance, config.recovery, config.lastResort]) writePolicy(writer, policy);
  writer
    .u8(config.ordering.kind)
    .vec(config.ordering.leaders, (w, id) => w.u16(id))
    .bytes(config.ordering.params);
  writeLimits(writer, config.limits);
  writer.vec(config.roots, (w, root) => w.b32(root));
}

export function readConsortiumConfig(reader: Reader): ConsortiumConfig {
  readVersion(reader);
  const epoch = reader.u32();
  const f = reader.u8();
  const members = reader.vec(readMember, { smallest: 326, max: MAX_MEMBERS });
  requireAscending(members, (a, b) => a.id - b.id, 'members');
  const agents = reader.vec(readAgent, { smallest: 34, max: MAX_AGENTS });
  requireAscending(agents, (a, b) => compareBytes(a.acct, b.acct), 'agents');
  return {
    epoch,
    f,
    members,
    agents,
    finality: readPolicy(reader),
    governance: readPolicy(reader),
    recovery: readPolicy(reader),
    lastResort: readPolicy(reader),
    ordering: { kind: reader.u8(), leaders: reader.vec((r) => r.u16(), { smallest: 2, max: MAX_MEMBERS }), params: reader.bytes(1024) },
    limits: readLimits(reader),
    roots: reader.vec((r) => r.b32(), { smallest: 32, max: MAX_ROOTS }),
  };
}

export const encodePolicy = (policy: Policy): Bytes => encodeWith(writePolicy, policy);
/** @throws {ParseError} */
export const decodePolicy = (bytes: Uint8Array): Policy => decodeWith(readPolicy, bytes);
export const encodeMember = (member: Member): Bytes => encodeWith(writeMember, member);
/** @throws {ParseError} */
export const decodeMember = (bytes: Uint8Array): Member => decodeWith(readMember, bytes);
export const encodeConsortiumConfig = (config: ConsortiumConfig): Bytes => encodeWith(writeConsortiumConfig, config);
/** @throws {ParseError} */
export const decodeConsortiumConfig = (bytes: Uint8Array): ConsortiumConfig => decodeWith(readConsortiumConfig, bytes);
