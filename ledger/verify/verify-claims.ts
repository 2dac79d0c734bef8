/** Claims under a certified header (`ledger.md` 17, steps 7 to 9): entries, leaves, absence, title, holdings, consistency. */

import type { Header } from '#ledger/codec/header.ts';
import {
  type AccountLeaf,
  decodeAccountLeaf,
  decodeClassLeaf,
  decodeItemLeaf,
  decodeOrderLeaf,
  decodeRecordLeaf,
  type ItemLeaf,
  NO_ENTRY,
  REGISTER,
  type StateLeaf,
} from '#ledger/codec/leaves.ts';
import type { Entry } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { verifyConsistency } from '#ledger/merkle/log-tree.ts';
import { REGISTER_COUNT, regRoot, rootFromProof, stateLeaf, stateRoot } from '#ledger/merkle/register.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { AbsentClaim, Claim, ClaimIndex, HoldingsClaim, LeafClaim, TitleClaim } from '#ledger/proof/claim.ts';
import type { Receipt } from '#ledger/proof/receipt.ts';
import { itemIdOf, txIdOf } from '#ledger/tx/ids.ts';
import { type Consortium, isPredecessorIndex, verifyCertified, verifyEntry } from './consortium.ts';
import { demand, type Finding, type Ownership, VerifyFailure } from './verdict.ts';

const BURNED = 1;

export interface ProvenEntry {
  readonly index: bigint;
  readonly entry: Entry;
}

/** What later claims may build on: only what an earlier step has proven. */
export class Proven {
  readonly entries = new Map<ClaimIndex, ProvenEntry>();
  readonly leaves = new Map<ClaimIndex, StateLeaf>();
  /** Leaf hashes by register and serial. */
  readonly hashes = new Map<string, Bytes>();

  item(at: ClaimIndex): ItemLeaf | null {
    const state = this.leaves.get(at);
    return state?.reg === REGISTER.items ? state.leaf : null;
  }

  account(at: ClaimIndex): AccountLeaf | null {
    const state = this.leaves.get(at);
    return state?.reg === REGISTER.accounts ? state.leaf : null;
  }

  /** A Leaf claim showed exactly this leaf. */
  hasLeaf(reg: number, serial: bigint, leafHash: Bytes): boolean {
    return equalBytes(this.hashes.get(`${reg} ${serial}`) ?? new Uint8Array(0), leafHash);
  }

  /** `itm_…` needs the class's issuer and key. */
  itemId(leaf: ItemLeaf): string | null {
    for (const state of this.leaves.values()) {
      if (state.reg !== REGISTER.classes || state.leaf.serial !== BigInt(leaf.cls)) continue;
      return itemIdOf(state.leaf.issuer, state.leaf.ext, leaf.ext);
    }
    return null;
  }
}

/** Part of step 1: no statement twice, so that a reference that was turned to a twin is noticed. @throws {VerifyFailure} E10 */
export function requireDistinct(claims: readonly Claim[]): void {
  const seen = new Set<string>();
  for (const [at, claim] of claims.entries()) {
    const key = claimKey(claim);
    demand(key === null || !seen.has(key), 'E10', 'claim_repeated', { claim: at });
    if (key !== null) seen.add(key);
  }
}

function claimKey(claim: Claim): string | null {
  switch (claim.kind) {
    case 'entry':
      return `entry ${claim.index}`;
    case 'leaf':
    case 'absent':
      return `state ${claim.reg} ${claim.index}`;
    case 'holdings':
      return `holdings ${claim.account}`;
    case 'signers':
      return `signers ${claim.entryClaim}`;
    case 'field':
      return `field ${claim.entryClaim} ${claim.slot} ${claim.id}`;
    case 'title':
    case 'consistency':
      return null;
  }
}

/** Step 7. @throws {VerifyFailure} E40 */
export function verifyEntries(receipt: Receipt, consortium: Consortium, proven: Proven): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [at, claim] of receipt.claims.entries()) {
    if (claim.kind !== 'entry') continue;
    const entry = verifyEntry(claim.entry, claim.index, claim.path, receipt.header, consortium);
    proven.entries.set(at, { index: claim.index, entry });
    const { body } = entry.env;
    findings.push({ kind: 'entry', index: claim.index, height: entry.height, op: body.op.kind, txId: txIdOf(body) });
  }
  return findings;
}

/** Step 8. @throws {VerifyFailure} E41, E44 */
export function verifyState(receipt: Receipt, proven: Proven): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [at, claim] of receipt.claims.entries()) {
    if (claim.kind === 'leaf') {
      proven.leaves.set(at, verifyLeaf(claim, receipt.header));
      proven.hashes.set(`${claim.reg} ${claim.index}`, stateLeaf(claim.leaf));
    }
    if (claim.kind === 'absent') findings.push(verifyAbsent(claim, receipt.header));
  }
  for (const state of proven.leaves.values()) findings.push(leafFinding(state, receipt.header, proven));
  return findings;
}

function verifyLeaf(claim: LeafClaim, header: Header): StateLeaf {
  const facts = { reg: claim.reg, index: claim.index.toString() };
  demand(claim.index < claim.count, 'E41', 'index_beyond_count', facts);
  const root = rootFromProof(claim.index, stateLeaf(claim.leaf), claim);
  demand(root !== null, 'E41', 'state_path', facts);
  demand(isInState(claim.reg, claim.count, root, claim.others, header), 'E41', 'not_in_the_state', facts);
  const state = parseLeaf(claim);
  demand(state.leaf.serial === claim.index, 'E41', 'leaf_serial', facts);
  return state;
}

function verifyAbsent(claim: AbsentClaim, header: Header): Finding {
  const facts = { reg: claim.reg, index: claim.index.toString() };
  demand(claim.index >= claim.count, 'E44', 'index_within_count', facts);
  demand(isInState(claim.reg, claim.count, claim.root, claim.others, header), 'E44', 'not_in_the_state', facts);
  return { kind: 'absent', reg: claim.reg, index: claim.index };
}

function isInState(reg: number, count: bigint, root: Bytes, others: readonly Bytes[], header: Header): boolean {
  if (reg < 1 || reg > REGISTER_COUNT || others.length !== REGISTER_COUNT - 1) return false;
  const roots = [...others.slice(0, reg - 1), regRoot(reg, count, root), ...others.slice(reg - 1)];
  return equalBytes(stateRoot(roots), header.stateRoot);
}

function parseLeaf(claim: LeafClaim): StateLeaf {
  try {
    switch (claim.reg) {
      case REGISTER.items:
        return { reg: REGISTER.items, leaf: decodeItemLeaf(claim.leaf) };
      case REGISTER.accounts:
        return { reg: REGISTER.accounts, leaf: decodeAccountLeaf(claim.leaf) };
      case REGISTER.classes:
        return { reg: REGISTER.classes, leaf: decodeClassLeaf(claim.leaf) };
      case REGISTER.orders:
        return { reg: REGISTER.orders, leaf: decodeOrderLeaf(claim.leaf) };
      case REGISTER.records:
        return { reg: REGISTER.records, leaf: decodeRecordLeaf(claim.leaf) };
    }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new VerifyFailure('E41', 'leaf_malformed', { because: error.code });
  }
  throw new VerifyFailure('E41', 'register_unknown', { reg: claim.reg });
}

function leafFinding(state: StateLeaf, header: Header, proven: Proven): Finding {
  switch (state.reg) {
    case REGISTER.items: {
      const { serial, owner, ver, flags, lastEntry, meta, frozenUntil } = state.leaf;
      const isFrozen = header.sealedAt < frozenUntil;
      return {
        kind: 'item',
        serial,
        itemId: proven.itemId(state.leaf),
        owner,
        ver,
        isBurned: (flags & BURNED) !== 0,
        isFrozen,
        lastEntry,
        meta,
      };
    }
    case REGISTER.accounts: {
      const { acct, kind, itemCount, keyEpoch } = state.leaf;
      return { kind: 'account', acct, accountKind: kind, itemCount, keyEpoch };
    }
    case REGISTER.classes: {
      const { serial, issuer, minted, burned, supplyCap } = state.leaf;
      return { kind: 'class', cls: serial, issuer, minted, burned, supplyCap };
    }
    case REGISTER.orders: {
      const { order, filled, quantity, closed } = state.leaf;
      return { kind: 'order', order, filled, quantity, isClosed: closed !== 0 };
    }
    case REGISTER.records:
      return { kind: 'record', recordKind: state.leaf.kind, key: state.leaf.key, value: state.leaf.value };
  }
}

/** Step 9. @throws {VerifyFailure} E42, E43, E45 */
export function verifyRelations(receipt: Receipt, consortium: Consortium, proven: Proven, sm2: Sm2): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [at, claim] of receipt.claims.entries()) {
    if (claim.kind === 'title') findings.push(verifyTitle(claim, at, receipt.header, consortium, proven));
    if (claim.kind === 'holdings') findings.push(verifyHoldings(claim, at, proven));
    if (claim.kind === 'consistency') {
      const { header, finality, path } = claim;
      try {
        verifyCertified(consortium, header, finality, sm2);
      } catch (error) {
        if (!(error instanceof VerifyFailure)) throw error;
        throw new VerifyFailure('E45', 'older_header_not_certified', { claim: at, because: error.message });
      }
      demand(header.height < receipt.header.height, 'E45', 'older_header_not_older', { claim: at });
      const isPrefix = verifyConsistency(header.logSize, receipt.header.logSize, header.logRoot, receipt.header.logRoot, path);
      demand(isPrefix, 'E45', 'not_a_prefix', { claim: at });
      findings.push({ kind: 'consistency', height: header.height, logSize: header.logSize });
    }
  }
  return findings;
}

function verifyTitle(claim: TitleClaim, at: ClaimIndex, header: Header, consortium: Consortium, proven: Proven): Finding {
  const hops = claim.links.map((link) => {
    const { index, entry } = provenEntry(proven, link.entryClaim, at);
    const leaf = parseItemLeaf(link.leaf, at);
    const effect = entry.effects.find((candidate) => candidate.reg === REGISTER.items && candidate.index === leaf.serial);
    demand(effect !== undefined && equalBytes(effect.leaf, stateLeaf(link.leaf)), 'E42', 'leaf_not_of_this_entry', { claim: at });
    demand(leaf.lastEntry === index, 'E42', 'leaf_of_another_entry', { claim: at });
    return { index, entry, leaf, prev: effect.prev };
  });
  for (const [hop, { leaf, prev }] of hops.entries()) {
    const before = hops[hop - 1];
    if (before === undefined) continue;
    demand(leaf.serial === before.leaf.serial, 'E42', 'another_item', { claim: at, link: hop });
    demand(prev === before.index, 'E42', 'gap_in_title', { claim: at, link: hop });
  }
  const [first] = hops;
  const last = hops.at(-1);
  assert(first !== undefined && last !== undefined, 'a title has at least one link');
  if (claim.current !== null) {
    const current = proven.item(claim.current);
    demand(current !== null && current.serial === last.leaf.serial, 'E42', 'current_of_another_item', { claim: at });
    demand(current.lastEntry === last.index, 'E42', 'newer_change_exists', { claim: at });
  }
  const owners = hops.map(({ index, entry, leaf }, hop): Ownership => {
    const next = hops[hop + 1];
    const end = claim.current === null ? null : header.height;
    return {
      owner: leaf.owner,
      fromHeight: entry.height,
      toHeight: next === undefined ? end : next.entry.height,
      entry: index,
      op: entry.env.body.op.kind,
      ver: leaf.ver,
      isPredecessor: isPredecessorIndex(consortium.genesis.predecessor, index),
    };
  });
  const itemId = proven.itemId(last.leaf);
  return {
    kind: 'title',
    serial: last.leaf.serial,
    itemId,
    isSinceMint: first.prev === NO_ENTRY,
    isCurrent: claim.current !== null,
    owners,
  };
}

function verifyHoldings(claim: HoldingsClaim, at: ClaimIndex, proven: Proven): Finding {
  const account = proven.account(claim.account);
  demand(account !== null, 'E43', 'no_such_account_claim', { claim: at });
  const serials = claim.items.map((itemAt) => {
    const item = proven.item(itemAt);
    demand(item !== null && equalBytes(item.owner, account.acct), 'E43', 'item_of_another_owner', { claim: at });
    return item.serial;
  });
  demand(new Set(serials).size === serials.length, 'E43', 'item_twice', { claim: at });
  demand(BigInt(serials.length) === account.itemCount, 'E43', 'item_count', { claim: at, count: account.itemCount.toString() });
  return { kind: 'holdings', acct: account.acct, serials };
}

function provenEntry(proven: Proven, entryClaim: ClaimIndex, at: ClaimIndex): ProvenEntry {
  const entry = proven.entries.get(entryClaim);
  demand(entry !== undefined, 'E42', 'no_such_entry_claim', { claim: at, entryClaim });
  return entry;
}

function parseItemLeaf(bytes: Bytes, at: ClaimIndex): ItemLeaf {
  try {
    return decodeItemLeaf(bytes);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new VerifyFailure('E42', 'leaf_malformed', { claim: at, because: error.code });
  }
}
