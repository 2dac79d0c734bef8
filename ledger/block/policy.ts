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

/** The members of a bit mask: bit i stands for the i-th member. */
export function membersOfMask(mask: number, members: readonly Member[]): ReadonlySet<number> {
  return new Set(members.filter((_, index) => ((mask >>> index) & 1) === 1).map((member) => member.id));
}

type MaskTest = (mask: number) => boolean;

/** A policy as a test over bit masks; a relaxed one takes every role clause for met. */
function compile(policy: Policy, members: readonly Member[], relaxRoles: boolean): MaskTest {
  switch (policy.kind) {
    case 'sig': {
      const bit = 1 << members.findIndex((member) => member.id === policy.member);
      return members.some((member) => member.id === policy.member) ? (mask) => (mask & bit) !== 0 : () => false;
    }
    case 'at_least': {
      const parts = policy.of.map((part) => compile(part, members, relaxRoles));
      return (mask) => {
        let met = 0;
        for (const part of parts) if (part(mask)) met++;
        return met >= policy.k;
      };
    }
    case 'role': {
      if (relaxRoles) return () => true;
      const bits = members.reduce((sum, member, index) => (member.role === policy.role ? sum | (1 << index) : sum), 0);
      return (mask) => bitCount(mask & bits) >= policy.k;
    }
  }
}

export function satisfiesMask(policy: Policy, mask: number, members: readonly Member[], relaxRoles = false): boolean {
  return compile(policy, members, relaxRoles)(mask);
}

/** Every minimal quorum as a bit mask: none of its members can be left out. Policies are monotone. */
export function minimalQuorums(policy: Policy, members: readonly Member[]): readonly number[] {
  const test = compile(policy, members, false);
  const quorums: number[] = [];
  const all = 2 ** members.length;
  for (let mask = 0; mask < all; mask++) {
    if (!test(mask)) continue;
    let isMinimal = true;
    for (let rest = mask; isMinimal && rest !== 0; rest &= rest - 1) if (test(mask & ~(rest & -rest))) isMinimal = false;
    if (isMinimal) quorums.push(mask);
  }
  return quorums;
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
