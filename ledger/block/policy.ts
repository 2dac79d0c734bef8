/** Policies of the consortium over sets of members (`ledger.md` 9). */
import type { Member, Policy } from '#ledger/codec/config.ts';

/** Whether a set of member ids satisfies a policy. An unknown id satisfies nothing. */
export function satisfies(policy: Policy, signed: ReadonlySet<number>, members: readonly Member[]): boolean {
  switch (policy.kind) {
    case 'sig':
      return signed.has(policy.member) && members.some((member) => member.id === policy.member);
    case 'at_least':
      return policy.of.filter((part) => satisfies(part, signed, members)).length >= policy.k;
    case 'role':
      return members.filter((member) => member.role === policy.role && signed.has(member.id)).length >= policy.k;
  }
}

/** One byte for each set of members, as a bit mask over their places in the list: 1 where the policy is satisfied. */
export type QuorumTable = Uint8Array;

/** A relaxed table takes every role clause for met. */
export function quorumTable(policy: Policy, members: readonly Member[], relaxRoles = false): QuorumTable {
  const table = new Uint8Array(2 ** members.length);
  switch (policy.kind) {
    case 'sig': {
      const place = members.findIndex((member) => member.id === policy.member);
      if (place >= 0) for (let mask = 0; mask < table.length; mask++) table[mask] = (mask >>> place) & 1;
      return table;
    }
    case 'at_least': {
      // At most 64 parts, so that a byte counts them.
      for (const part of policy.of) {
        const holds = quorumTable(part, members, relaxRoles);
        for (let mask = 0; mask < table.length; mask++) table[mask] = (table[mask] ?? 0) + (holds[mask] ?? 0);
      }
      for (let mask = 0; mask < table.length; mask++) table[mask] = (table[mask] ?? 0) >= policy.k ? 1 : 0;
      return table;
    }
    case 'role': {
      const bits = members.reduce((sum, member, place) => (member.role === policy.role ? sum | (1 << place) : sum), 0);
      for (let mask = 0; mask < table.length; mask++) table[mask] = relaxRoles || bitCount(mask & bits) >= policy.k ? 1 : 0;
      return table;
    }
  }
}

/** Every minimal quorum as a bit mask: none of its members can be left out. Policies are monotone. */
export function minimalQuorums(table: QuorumTable): readonly number[] {
  const quorums: number[] = [];
  for (let mask = 0; mask < table.length; mask++) {
    if (table[mask] !== 1) continue;
    let isMinimal = true;
    for (let rest = mask; isMinimal && rest !== 0; rest &= rest - 1) isMinimal = table[mask & ~(rest & -rest)] !== 1;
    if (isMinimal) quorums.push(mask);
  }
  return quorums;
}

/**
 * Whether every quorum of one table shares more than `f` members with every quorum of the other. Comparing them in pairs
 * would take minutes for 20 members; instead: no quorum of `right` may fit into what a quorum of `left` leaves, plus f others.
 */
export function shareMoreThan(f: number, left: QuorumTable, right: QuorumTable): boolean {
  const all = left.length - 1;
  let within = right;
  for (let step = 0; step < Math.min(f, bitCount(all)); step++) within = withOneMore(within);
  return minimalQuorums(left).every((quorum) => within[all & ~quorum] !== 1);
}

/** 1 where one member more, or none, makes it a 1. */
function withOneMore(table: QuorumTable): QuorumTable {
  const wider = table.slice();
  for (let bit = 1; bit < table.length; bit *= 2) {
    for (let mask = 0; mask < table.length; mask++) if (table[mask | bit] === 1) wider[mask] = 1;
  }
  return wider;
}

/** The masks of exactly `count` of `total` members. */
export function* subsets(total: number, count: number): Generator<number> {
  const all = 2 ** total;
  for (let mask = 0; mask < all; mask++) if (bitCount(mask) === count) yield mask;
}

export function bitCount(value: number): number {
  let rest = value - ((value >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
