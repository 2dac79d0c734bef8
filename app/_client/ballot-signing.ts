/** What an official signs about a change of the consortium (O-11): the configuration is decoded and hashed here, so that the signature is for
 *  what the screen shows. */
import { type ConsortiumConfig, decodeConsortiumConfig } from '#ledger/codec/config.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { type Ballot, signedBallot } from '#sandbox/cases/ballot.ts';
import type { ChangeInput } from '#server/members/proposals.ts';
import type { StaffMe } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { officialKey } from './case-signing.ts';

const sm2 = portableSm2((length) => crypto.getRandomValues(new Uint8Array(length)));

type Speaker = { readonly staff: StaffMe; readonly member: number; readonly chain: string };

export const configOf = (hex: string): ConsortiumConfig => decodeConsortiumConfig(fromHex(hex));

async function sign({ staff, member, chain }: Speaker, act: Ballot['act'], config: string, reason: string) {
  const { privateKey, serial, certificate } = await officialKey(staff);
  const ballot = { act, configHash: toHex(configHash(configOf(config))), member, reason };
  return { reason, certificate, signature: toHex(sm2.sign(privateKey, signedBallot(ballot, chain, serial))) };
}

export async function sendProposal(speaker: Speaker, change: ChangeInput, config: string, reason: string): Promise<void> {
  await api.node.propose({ change, ...(await sign(speaker, 'propose', config, reason)) });
}

export async function sendVote(
  speaker: Speaker,
  proposal: { readonly proposalId: string; readonly config: string },
  vote: 'for' | 'against',
  reason: string,
): Promise<void> {
  await api.node.vote({ proposalId: proposal.proposalId, vote, ...(await sign(speaker, vote, proposal.config, reason)) });
}
