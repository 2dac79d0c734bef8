/**
 * A member's governance key follows the vote of its own official (product O-11): whoever brings the vote, the key signs only for a person
 * whom the member's own authority has named, who has signed for exactly this configuration. The market that shows the page can vote for nobody.
 */
import { z } from 'zod';
import { type ConsortiumConfig, decodeConsortiumConfig, type Member } from '#ledger/codec/config.ts';
import type { MemberSig } from '#ledger/codec/header.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { demonstrationAuthorityOfRole, demonstrationHierarchy } from '#ledger/node/demonstration-pki.ts';
import type { KeyPair } from '#ledger/node/keys.ts';
import { verifyChain } from '#ledger/pki/verify-chain.ts';
import { type Bytes, equalBytes, fromBase64, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { signedBallot } from '#sandbox/cases/ballot.ts';
import { approve, objections } from './governance.ts';

const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/);
const request = z.object({
  /** PCE of the ConsortiumConfig. */
  config: hex.max(131_072),
  reason: z.string().max(400),
  /** DER in base64: the official's, its authority's, the root's; and the revocation lists of both. */
  certificates: z.array(z.base64()).min(2).max(5),
  crls: z.array(z.base64()).max(5),
  signature: hex.length(128),
});
export type ApprovalRequest = z.infer<typeof request>;

export const APPROVAL_CODES = ['request_malformed', 'official_untrusted', 'sig_invalid', 'config_refused'] as const;
export type ApprovalAnswer =
  | { readonly kind: 'approved'; readonly member: number; readonly sig: string }
  | { readonly kind: 'rejected'; readonly code: (typeof APPROVAL_CODES)[number]; readonly reason: string };

export type ApproverGround = {
  readonly chain: Bytes;
  /** In force. */
  readonly config: ConsortiumConfig;
  readonly self: Member;
  readonly governance: KeyPair;
  readonly sm2: Sm2;
  readonly now: Instant;
};

const rejected = (code: (typeof APPROVAL_CODES)[number], reason: string): ApprovalAnswer => ({ kind: 'rejected', code, reason });

export function approveBallot(ground: ApproverGround, input: unknown): ApprovalAnswer {
  const parsed = request.safeParse(input);
  if (!parsed.success) return rejected('request_malformed', z.prettifyError(parsed.error));
  try {
    return judge(ground, parsed.data);
  } catch (error) {
    if (error instanceof ParseError) return rejected('request_malformed', error.code);
    throw error;
  }
}

function judge({ chain, config, self, governance, sm2, now }: ApproverGround, given: ApprovalRequest): ApprovalAnswer {
  const certificates = given.certificates.map((der) => fromBase64(der));
  const crls = given.crls.map((der) => fromBase64(der));
  const answer = verifyChain({ chain: certificates, anchors: config.roots, at: now, use: 'signing', sm2, crls });
  if (answer.kind === 'rejected') return rejected('official_untrusted', answer.code);
  const [leaf, authority] = answer.chain;
  const own = demonstrationHierarchy().authorities.get(demonstrationAuthorityOfRole(self.role));
  // Below other roots an organisation approves with `cli config approve`, where its key is.
  if (leaf === undefined || authority === undefined || own === undefined || !equalBytes(authority.der, own))
    return rejected('official_untrusted', 'no person of this organisation');
  const next = decodeConsortiumConfig(fromHex(given.config));
  const ballot = { act: 'for', configHash: toHex(configHash(next)), member: self.id, reason: given.reason } as const;
  const message = signedBallot(ballot, toHex(chain), toHex(leaf.serial));
  if (!sm2.verify(leaf.publicKey, message, fromHex(given.signature, 64)))
    return rejected('sig_invalid', 'not the official’s signature for this configuration');
  const proposal = approve({ config: next, approvals: [] }, config, { chain, sm2, key: governance });
  const against = objections(proposal, config, sm2, { isCounted: false });
  if (against.length > 0) return rejected('config_refused', against.join('; '));
  const mine = proposal.approvals.find(({ member }) => member === self.id);
  if (mine === undefined || !equalBytes(governance.publicKey, self.govPub))
    return rejected('config_refused', 'this key approves for another member');
  return { kind: 'approved', member: self.id, sig: toHex((mine satisfies MemberSig).sig) };
}
