/**
 * Changes of the consortium, decided on the node page (product O-11): an official of a member proposes and others vote, each with a personal
 * signature; the member's own process answers a vote for with the approval of its governance key; when enough have approved, the
 * ConfigUpdate goes on the ledger. Every vote is public.
 */
import { z } from 'zod';
import { type ConsortiumConfig, decodeConsortiumConfig, encodeConsortiumConfig, type Member, ROLE } from '#ledger/codec/config.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { KeyPair } from '#ledger/node/keys.ts';
import { type Bytes, fromBase64, fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { type Ballot, signedBallot } from '#sandbox/cases/ballot.ts';
import type { Services } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { RefusalError, type RefusalKind } from '#server/refusal.ts';
import { judgeOpening, readChange, vouched } from './admission.ts';
import { type ApprovalAnswer, type ApprovalRequest, approveBallot } from './approver.ts';
import { type ConfigChange, changed, objections } from './governance.ts';
import { insertBallot, insertProposal, listProposals, markSubmitted, type Official, type StoredProposal } from './proposals.repo.ts';

const memberHex = z
  .string()
  .regex(/^(?:[0-9a-f]{2})+$/)
  .max(4_096);
export const changeInput = z.discriminatedUnion('kind', [
  // What `cli -- config record` wrote.
  z.strictObject({ kind: z.literal('admit'), record: z.string().min(2).max(16_384) }),
  z.strictObject({ kind: z.literal('remove'), member: z.int() }),
  z.strictObject({ kind: z.literal('promote'), leaves: z.int(), operator: z.int() }),
  z.strictObject({ kind: z.literal('keys'), member: memberHex }),
  z.strictObject({ kind: z.literal('policy'), finality: z.int().min(1).max(20), governance: z.int().min(1).max(20) }),
]);
export type ChangeInput = z.infer<typeof changeInput>;

export type ProposalDesk = {
  /** What would be in force, as bytes to be signed. @throws {RefusalError} `change_refused` with every objection */
  draft(change: ChangeInput): { readonly config: string; readonly configHash: string };
  propose(staff: StaffSession, input: SignedAct & { readonly change: ChangeInput }): Promise<void>;
  vote(staff: StaffSession, input: SignedAct & { readonly proposalId: string; readonly vote: 'for' | 'against' }): Promise<void>;
  list(): Promise<readonly ProposalView[]>;
  /** In whose name this official speaks; null: of no member. */
  memberOf(staff: Pick<StaffSession, 'role'>): number | null;
};
export type SignedAct = { readonly reason: string; readonly certificate: string; readonly signature: string };

export type VoteView = {
  readonly member: number;
  readonly org: string;
  readonly vote: 'for' | 'against';
  readonly name: string;
  readonly organisation: string;
  readonly reason: string;
  readonly at: string;
  readonly certificateSerial: string;
};
export type ProposalView = {
  readonly proposalId: string;
  readonly epoch: number;
  readonly kind: ConfigChange['kind'];
  readonly config: string;
  readonly configHash: string;
  readonly reason: string;
  readonly by: string;
  readonly organisation: string;
  readonly at: string;
  readonly members: readonly { readonly id: number; readonly org: string }[];
  readonly votes: readonly VoteView[];
  /** `open`; `superseded`: another change came first; `submitted`: on the ledger, in force at `inForceAt`; `in_force`. */
  readonly state: 'open' | 'superseded' | 'submitted' | 'in_force';
  readonly txId: string | null;
  readonly inForceAt: number | null;
};

export type ProposalGround = Pick<Services, 'sql' | 'clock' | 'random' | 'ledger' | 'pki'> & {
  /** Of this program's own member. */
  readonly self: { readonly id: number; readonly governance: KeyPair };
  readonly endpointOf: (member: Member) => string | null;
};

const SHOWN = 20;
const ASK_MS = 10_000;
const WINDOW_MS = 600_000n;

const REFUSALS = {
  change_refused: { kind: 'unprocessable', message: 'The consortium can’t be changed so. What stands in the way is named.' },
  change_known: { kind: 'conflict', message: 'This change is proposed already: vote on it.' },
  change_unknown: { kind: 'not_found', message: 'There is no such proposal.' },
  change_closed: { kind: 'conflict', message: 'This proposal is decided, or another change came first.' },
  voted_before: { kind: 'conflict', message: 'Your organisation has voted on it: one vote each, and it stays.' },
  not_a_member: { kind: 'forbidden', message: 'Your organisation is no member of the consortium in force.' },
  sig_invalid: { kind: 'unauthenticated', message: 'The signature is not by the key of your certificate. Nothing was done.' },
  member_silent: {
    kind: 'unavailable',
    message: 'Your organisation’s member does not answer. Try again when it is back; nothing was done.',
  },
  approval_refused: { kind: 'unprocessable', message: 'Your organisation’s member refuses to approve it. Its reason is named.' },
  change_not_taken: { kind: 'unprocessable', message: 'The ledger refuses the change. Its code is named.' },
} as const satisfies Record<string, { readonly kind: RefusalKind; readonly message: string }>;

function refuse(code: keyof typeof REFUSALS, facts: Readonly<Record<string, string>> = {}): RefusalError {
  const { kind, message } = REFUSALS[code];
  return new RefusalError(kind, code, message, facts);
}

const ROLES: Readonly<Record<StaffSession['role'], number>> = {
  operator: ROLE.operator,
  studio: ROLE.studio,
  sup_tax: ROLE.supervisor,
  sup_market: ROLE.supervisor,
  sup_finance: ROLE.supervisor,
  auditor: ROLE.supervisor,
  notary: ROLE.notary,
};

export function openProposals(ground: ProposalGround): ProposalDesk {
  const { sql, clock, ledger } = ground;
  // In force at the next height: what a ConfigUpdate of now is held against.
  const current = (): ConsortiumConfig => ledger.config;
  const memberFor = ({ role }: Pick<StaffSession, 'role'>): Member | null =>
    current().members.find((member) => member.role === ROLES[role]) ?? null;
  const requireMember = (staff: StaffSession): Member => {
    const member = memberFor(staff);
    if (member === null) throw refuse('not_a_member');
    return member;
  };
  const isOpen = ({ txId, epoch }: StoredProposal): boolean => txId === null && epoch === current().epoch + 1;

  function draftOf(input: ChangeInput): Draft {
    const against: string[] = [];
    try {
      const { change, accountOpen } = readChange(input);
      const config = changed(current(), change);
      against.push(...objections({ config, approvals: [] }, current(), ledger.sm2, { isCounted: false }));
      const opening = change.kind === 'admit' ? judgeOpening(ledger, change.member, accountOpen, clock.now()) : null;
      if (opening !== null && opening.objection !== null) against.push(opening.objection);
      if (against.length === 0) return { config, opening: opening?.env ?? null };
    } catch (error) {
      if (!(error instanceof ParseError) && !(error instanceof Error)) throw error;
      against.push(error.message);
    }
    throw refuse('change_refused', { reasons: against.join('; ') });
  }

  /** The act in the official's name, when it is signed by the key of the certificate that the session was opened with. */
  async function officialOf(staff: StaffSession, member: Member, ballot: Ballot, { certificate, signature, reason }: SignedAct) {
    const trusted = await ground.pki.trust(fromBase64(certificate), 'signing', clock.now());
    if (trusted.kind === 'rejected' || toHex(trusted.leaf.serial) !== staff.certificateSerial) throw refuse('sig_invalid');
    const bytes = fromHex(signature, 64);
    const message = signedBallot(ballot, toHex(ledger.chain), staff.certificateSerial);
    if (!ledger.sm2.verify(trusted.leaf.publicKey, message, bytes)) throw refuse('sig_invalid');
    const { staffId, name, organisation, certificateSerial } = staff;
    const official: Official = {
      member: member.id,
      staffId,
      name,
      organisation,
      certificateSerial,
      signature: bytes,
      reason,
      at: clock.now(),
    };
    return { official, trusted };
  }

  async function approvalOf(member: Member, request: ApprovalRequest): Promise<Bytes> {
    const answer = member.id === ground.self.id ? approveHere(member, request) : await askMember(ground.endpointOf(member), request);
    if (answer === null) throw refuse('member_silent');
    if (answer.kind === 'rejected') throw refuse('approval_refused', { code: answer.code, reason: answer.reason });
    return fromHex(answer.sig, 64);
  }

  function approveHere(self: Member, request: ApprovalRequest): ApprovalAnswer {
    const { governance } = ground.self;
    return approveBallot({ chain: ledger.chain, config: current(), self, governance, sm2: ledger.sm2, now: clock.now() }, request);
  }

  /** On the ledger as soon as enough have approved, in the operator's name. */
  async function submitIfDecided(proposalId: string): Promise<void> {
    const found = (await listProposals(sql, SHOWN)).find((each) => each.proposalId === proposalId);
    if (found === undefined || !isOpen(found)) return;
    const config = decodeConsortiumConfig(found.config);
    const approvals = found.ballots.flatMap(({ by, approval }) => (approval === null ? [] : [{ member: by.member, sig: approval }]));
    const given = { config, approvals: approvals.sort((a, b) => a.member - b.member) };
    if (objections(given, current(), ledger.sm2).length > 0) return;
    const now = BigInt(clock.now());
    const window = { notBefore: now - WINDOW_MS / 2n, notAfter: now + WINDOW_MS };
    const envs = ledger.operator.batchSign([
      { chain: ledger.chain, salt: ground.random.bytes(16), ...window, op: { kind: 'config_update', ...given } },
    ]);
    await sequenceOutside(ground, envs, async (tx, [result]) => {
      if (result?.kind !== 'sequenced') throw refuse('change_not_taken', { code: result?.code ?? 'nothing' });
      await markSubmitted(tx, proposalId, result.txId, clock.now());
    });
  }

  async function requireOpen(proposalId: string): Promise<StoredProposal> {
    const found = (await listProposals(sql, SHOWN)).find((each) => each.proposalId === proposalId);
    if (found === undefined) throw refuse('change_unknown');
    if (!isOpen(found)) throw refuse('change_closed');
    return found;
  }

  return {
    draft: (change) => {
      const { config } = draftOf(change);
      return { config: toHex(encodeConsortiumConfig(config)), configHash: toHex(configHash(config)) };
    },
    propose: async (staff, input) => {
      const member = requireMember(staff);
      const { config: next, opening } = draftOf(input.change);
      const hash = toHex(configHash(next));
      const ballot = { act: 'propose', configHash: hash, member: member.id, reason: input.reason } as const;
      const { official: by } = await officialOf(staff, member, ballot, input);
      const proposal = {
        proposalId: proposalIdOf(hash),
        config: encodeConsortiumConfig(next),
        epoch: next.epoch,
        kind: input.change.kind,
        by,
      };
      if (opening === null) {
        if (!(await insertProposal(sql, proposal))) throw refuse('change_known');
        return;
      }
      await sequenceOutside(ground, [vouched(ledger, opening)], async (tx, [result]) => {
        if (result?.kind !== 'sequenced') throw refuse('change_not_taken', { code: result?.code ?? 'nothing' });
        if (!(await insertProposal(tx, proposal))) throw refuse('change_known');
      });
    },
    vote: async (staff, input) => {
      const member = requireMember(staff);
      const { proposalId, config } = await requireOpen(input.proposalId);
      const hash = toHex(configHash(decodeConsortiumConfig(config)));
      const ballot = { act: input.vote, configHash: hash, member: member.id, reason: input.reason } as const;
      const { official: by, trusted } = await officialOf(staff, member, ballot, input);
      const certificates = trusted.chain.map(({ der }) => toBase64(der));
      const request = {
        config: toHex(config),
        reason: input.reason,
        certificates,
        crls: trusted.crls.map(toBase64),
        signature: input.signature,
      };
      const approval = input.vote === 'for' ? await approvalOf(member, request) : null;
      if (!(await insertBallot(sql, { proposalId, vote: input.vote, by, approval }))) throw refuse('voted_before');
      await submitIfDecided(proposalId);
    },
    list: async () => {
      const { config: inForce } = ledger;
      const nameOf = (id: number) =>
        ledger.genesis.config.members.concat(inForce.members).findLast((member) => member.id === id)?.org ?? String(id);
      return Promise.all(
        (await listProposals(sql, SHOWN)).map(async (stored): Promise<ProposalView> => {
          const config = decodeConsortiumConfig(stored.config);
          const status = stored.txId === null ? null : await ledger.status(stored.txId);
          const inForceAt = status?.height == null ? null : Number(status.height) + 16;
          return {
            proposalId: stored.proposalId,
            ...{ epoch: stored.epoch, kind: stored.kind, config: toHex(stored.config), configHash: toHex(configHash(config)) },
            ...{
              reason: stored.by.reason,
              by: stored.by.name,
              organisation: stored.by.organisation,
              at: new Date(stored.by.at).toISOString(),
            },
            members: config.members.map(({ id, org }) => ({ id, org })),
            votes: stored.ballots.map(({ vote, by }) => ({
              ...{ member: by.member, org: nameOf(by.member), vote, name: by.name, organisation: by.organisation },
              ...{ reason: by.reason, at: new Date(by.at).toISOString(), certificateSerial: by.certificateSerial },
            })),
            state: stateOf(stored, toHex(configHash(inForce)) === toHex(configHash(config)), isOpen(stored), inForce.epoch),
            txId: stored.txId === null ? null : toHex(stored.txId),
            inForceAt,
          };
        }),
      );
    },
    memberOf: (staff) => memberFor(staff)?.id ?? null,
  };
}

const proposalIdOf = (hash: string): string => `prp_${hash.slice(0, 32)}`;

function stateOf({ txId, epoch }: StoredProposal, isInForce: boolean, isOpen: boolean, current: number): ProposalView['state'] {
  if (isInForce || (txId !== null && epoch <= current)) return 'in_force';
  if (txId !== null) return 'submitted';
  return isOpen ? 'open' : 'superseded';
}

/** `opening`: of the account of an organisation that has none yet. */
type Draft = { readonly config: ConsortiumConfig; readonly opening: TxEnv | null };

const approvalAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approved'), member: z.int(), sig: z.string() }),
  z.object({
    kind: z.literal('rejected'),
    code: z.enum(['request_malformed', 'official_untrusted', 'sig_invalid', 'config_refused']),
    reason: z.string(),
  }),
]);

/** The member's own process decides; null: it does not answer. */
async function askMember(endpoint: string | null, request: ApprovalRequest): Promise<ApprovalAnswer | null> {
  if (endpoint === null) return null;
  const response = await fetch(new URL('/governance/v1/approve', endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(ASK_MS),
  }).catch(() => null);
  const parsed = approvalAnswer.safeParse(await response?.json().catch(() => null));
  return parsed.success ? parsed.data : null;
}
