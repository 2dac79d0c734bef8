/** Decisions of the consortium as files that go from member to member: proposed, approved by governance keys, put on the ledger. */
import { z } from 'zod';
import { lintConfig } from '#ledger/block/lint.ts';
import { satisfies } from '#ledger/block/policy.ts';
import { type ConsortiumConfig, decodeConsortiumConfig, encodeConsortiumConfig, type Member, ROLE } from '#ledger/codec/config.ts';
import type { ConfigUpdateOp } from '#ledger/codec/op-types.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import type { KeyPair } from '#ledger/node/keys.ts';
import { configOf, memberOf, severalMembers } from '#ledger/node/membership.ts';
import { type Bytes, compareBytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { configHash } from '#ledger/tx/ids.ts';

const proposal = z.object({
  /** PCE of the ConsortiumConfig. */
  config: z.string(),
  approvals: z.array(z.object({ member: z.number().int(), sig: z.string() })),
});

export type ConfigProposal = { readonly config: ConsortiumConfig; readonly approvals: ConfigUpdateOp['approvals'] };

/** @throws {Error} when it is no proposal */
export function parseProposal(text: string): ConfigProposal {
  const { config, approvals } = proposal.parse(JSON.parse(text));
  return {
    config: decodeConsortiumConfig(fromHex(config)),
    approvals: approvals.map(({ member, sig }) => ({ member, sig: fromHex(sig, 64) })),
  };
}

export function formatProposal({ config, approvals }: ConfigProposal): string {
  return `${JSON.stringify({
    config: toHex(encodeConsortiumConfig(config)),
    approvals: approvals.map(({ member, sig }) => ({ member, sig: toHex(sig) })),
  })}\n`;
}

/** Without one member, and with another's organisation in the operator's place (13.3). Its role as a member stays what it was. */
export function promoted(base: ConsortiumConfig, change: { readonly leaves: number; readonly operator: number }): ConsortiumConfig {
  const heir = memberOf(base, change.operator);
  const next = configOf(
    base,
    base.members.filter((member) => member.id !== change.leaves),
  );
  const gone = base.members.find((member) => member.id === change.leaves);
  const others = base.agents.filter(({ acct }) => !equalBytes(acct, heir.acct) && (gone === undefined || !equalBytes(acct, gone.acct)));
  const agent = { acct: heir.acct, role: ROLE.operator, org: heir.org };
  return { ...next, agents: [...others, agent].sort((a, b) => compareBytes(a.acct, b.acct)) };
}

/** A member's new keys or certificate, at the same place. `epoch` + 1. */
export function withMember(base: ConsortiumConfig, member: Member): ConsortiumConfig {
  return { ...base, epoch: base.epoch + 1, members: base.members.map((each) => (each.id === member.id ? member : each)) };
}

/** What an organisation may ask for; the rest of the configuration stays. */
export type ConfigChange =
  | { readonly kind: 'admit'; readonly member: Member }
  | { readonly kind: 'remove'; readonly member: number }
  | { readonly kind: 'promote'; readonly leaves: number; readonly operator: number }
  | { readonly kind: 'keys'; readonly member: Member }
  /** So many of all members certify a block, and so many decide on changes. */
  | { readonly kind: 'policy'; readonly finality: number; readonly governance: number };

/** The next configuration. Whether it may be one is for `objections`. */
export function changed(base: ConsortiumConfig, change: ConfigChange): ConsortiumConfig {
  switch (change.kind) {
    case 'admit':
      return severalMembers(base, [change.member]);
    case 'remove':
      return configOf(
        base,
        base.members.filter(({ id }) => id !== change.member),
      );
    case 'promote':
      return promoted(base, change);
    case 'keys':
      return withMember(base, change.member);
    case 'policy': {
      const of = base.members.map(({ id }) => ({ kind: 'sig', member: id }) as const);
      const atLeast = (k: number) => ({ kind: 'at_least', k, of }) as const;
      return { ...base, epoch: base.epoch + 1, finality: atLeast(change.finality), governance: atLeast(change.governance) };
    }
  }
}

/** Signs as the member of `current` that has this governance key. @throws {Error} when none has */
export function approve(
  given: ConfigProposal,
  current: ConsortiumConfig,
  ground: { readonly chain: Bytes; readonly sm2: Sm2; readonly key: KeyPair },
): ConfigProposal {
  const { chain, sm2, key } = ground;
  const member = current.members.find((each) => equalBytes(each.govPub, key.publicKey));
  if (member === undefined) throw new Error('this governance key belongs to no member of the configuration in force');
  const sig = sm2.sign(key.privateKey, signedMessage('PLP1/cfgsig', chain, configHash(given.config)));
  const others = given.approvals.filter((each) => each.member !== member.id);
  return { ...given, approvals: [...others, { member: member.id, sig }].sort((a, b) => a.member - b.member) };
}

/** What stands in the way of a proposal, in sentences; empty when nothing does. */
export function objections(
  given: ConfigProposal,
  current: ConsortiumConfig,
  sm2: Sm2,
  /** False: whether it may be decided on at all, however many have approved it. */
  { isCounted }: { readonly isCounted: boolean } = { isCounted: true },
): readonly string[] {
  const lint = lintConfig(given.config, { verify: sm2.verify.bind(sm2) }).errors.map(({ rule, sentence }) => `${rule}: ${sentence}`);
  const approving = new Set(given.approvals.map(({ member }) => member));
  return [
    ...lint,
    ...(given.config.epoch === current.epoch + 1 ? [] : [`its epoch is ${given.config.epoch}, and the next is ${current.epoch + 1}`]),
    ...(!isCounted || satisfies(current.governance, approving, current.members) ? [] : ['too few members have approved it']),
  ];
}
