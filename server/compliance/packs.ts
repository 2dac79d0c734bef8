/**
 * Rule packs from draft to activation (product V-18, V-19): checked against the grammar and against the pack in force, published for
 * comment, approved by operator and supervisor, entered on the ledger. Refusals change nothing.
 */

import { RECORD } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { packApprovalDocument } from '#sandbox/cases/approval-order.ts';
import { PACK_FAULTS } from '#sandbox/packs/check-pack.ts';
import { ACTIVATION_REFUSALS, draftFromChanges, type PackAuthorization, refuseActivation } from '#sandbox/packs/compare-packs.ts';
import { findPackByHash, PACKS, packHash, rememberPack } from '#sandbox/packs/pack.ts';
import { parsePack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { keepPersonal, requirePersonal, type Signed } from '#server/cases/personal-signatures.ts';
import { askCoSign, windowToSign } from '#server/co-sign/ask.ts';
import type { CoSign } from '#server/co-sign/co-sign.repo.ts';
import type { CoSignStep } from '#server/co-sign/co-signs.ts';
import type { Services } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { activePack, JURISDICTION } from '#server/exchange/active-pack.ts';
import { message } from '#server/exchange/messages.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { RefusalError } from '#server/refusal.ts';
import {
  findProposal,
  findProposalByHash,
  insertPack,
  insertProposal,
  insertSignature,
  listActivatedPacks,
  listProposals,
  listSignatures,
  markActivated,
  type Proposal,
  type ProposalMode,
  publishProposal,
  withdrawProposal,
} from './packs.repo.ts';

export type PackGround = Pick<Services, 'sql' | 'clock' | 'random' | 'ledger' | 'outbox'>;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The stored documents become known by their hashes; once, before the market opens. Of proposals too: a supervisor may activate one elsewhere. */
export async function rememberStoredPacks(sql: Queryable): Promise<void> {
  for (const { pack } of await listActivatedPacks(sql)) rememberPack(pack);
  for (const { pack } of await listProposals(sql, ['public'])) rememberPack(pack);
}

export type DraftInput = {
  /** Of the pack that the draft changes. */
  readonly baseHash: string;
  readonly version: string;
  readonly reason: string;
  readonly mode: ProposalMode;
  readonly effectiveFrom: Instant;
  readonly authorization: PackAuthorization | null;
  /** A whole document, or values by path over the base. */
  readonly content: { readonly document: unknown } | { readonly changes: Readonly<Record<string, string>> };
};

/** Reads a draft and says what is wrong with it. @throws {RefusalError} one of PACK_FAULTS */
export function readDraft(input: Pick<DraftInput, 'baseHash' | 'version' | 'content'>): RulePack {
  const base = findPackByHash(input.baseHash);
  if (base === null) throw new RefusalError('not_found', 'pack_unknown', 'There is no such rule pack.', { hash: input.baseHash });
  try {
    const { content } = input;
    return parsePack('document' in content ? content.document : draftFromChanges(base, input.baseHash, input.version, content.changes));
  } catch (error) {
    if (error instanceof ParseError && PACK_FAULTS.some((code) => code === error.code)) {
      throw new RefusalError('unprocessable', error.code, PACK_SENTENCES[error.code] ?? 'The draft is no rule pack.', error.facts);
    }
    throw error;
  }
}

export const PACK_SENTENCES: Readonly<Record<string, string>> = {
  pack_malformed: 'The draft does not fit the grammar of rule packs. The place and what belongs there are named.',
  pack_duplicate_id: 'Two rules of the draft have the same id. Give one of them another.',
  pack_dates_contradict: 'Dates of the draft contradict each other: every figure must hold from the first to the last day of the pack.',
  pack_constant_malformed: 'A figure of the draft does not fit its unit, or is none of the values that it may hold. Correct it.',
  pack_reference_unknown: 'A rule of the draft refers to something that is not there. Correct the reference.',
  pack_contradictory: 'Rules of the draft contradict each other at the place named.',
  pack_does_not_compute: 'The draft cannot assess a trade of each kind. The kind and the reason are named.',
  pack_jurisdiction: 'The draft belongs to another jurisdiction than the pack in force.',
  pack_same: 'The draft changes nothing.',
  pack_unit_changed: 'A figure of the draft has another unit, or other words to choose from, than in the pack in force. Keep both.',
  pack_not_followed: 'The draft asks for something that this market cannot do yet. The place, its value and what is followed are named.',
  pack_version_taken: 'There is a pack with this version already. Choose the next number.',
  pack_starts_outside: 'The start lies outside the dates of the draft.',
  pack_dates_overlap: 'Another pack is announced and not in force yet. Wait until it is.',
  pack_not_tightening: 'At once only what is stricter everywhere may begin. Choose the way with notice.',
  pack_laxer_unauthorized:
    'The draft loosens a statutory rule. Attach an authorisation that names the path and covers the draft’s whole term.',
  pack_too_early: 'The start must lie at least seven days ahead.',
};

/** What the rules on activation say of a draft today; `null`: nothing against it. */
export async function refuseDraft(
  { ledger, clock, sql }: PackGround,
  draft: RulePack,
  input: Pick<DraftInput, 'mode' | 'effectiveFrom' | 'authorization'>,
  own: string | null = null,
): Promise<{ readonly code: string; readonly facts: Readonly<Record<string, string>> } | null> {
  const now = clock.now();
  const inForce = activePack(ledger.pending, now).pack;
  const announced = await listActivatedPacks(sql);
  const versions = announced.filter(({ pack }) => pack.id === draft.id).map(({ pack }) => pack.version);
  const record = ledger.pending.record(RECORD.rulePack, recordKey.rulePack(JURISDICTION));
  const pendingFrom = record !== null && BigInt(now) < record.a ? beijingDate(instant(Number(record.a))) : null;
  const from = input.mode === 'TIGHTEN' ? now : input.effectiveFrom;
  return refuseActivation({
    draft,
    inForce,
    versions: own === null ? versions : versions.filter((version) => version !== own),
    pendingFrom,
    mode: input.mode,
    from: { at: from, date: beijingDate(from) },
    earliestAt: now + Number(ledger.config.limits.packNoticeMs),
    authorization: input.authorization,
  });
}

function refusedActivation(refused: { readonly code: string; readonly facts: Readonly<Record<string, string>> }): RefusalError {
  return new RefusalError('unprocessable', refused.code, PACK_SENTENCES[refused.code] ?? 'The draft cannot be activated.', refused.facts);
}

/** @throws {RefusalError} one of PACK_FAULTS or ACTIVATION_REFUSALS, `pack_known` */
export async function proposePack(ground: PackGround, staff: StaffSession, input: DraftInput): Promise<Proposal> {
  const { sql, clock, random } = ground;
  const pack = readDraft(input);
  const refused = await refuseDraft(ground, pack, input);
  if (refused !== null) throw refusedActivation(refused);
  const hash = rememberPack(pack);
  if ((await findProposalByHash(sql, hash)) !== null) {
    throw new RefusalError('conflict', 'pack_known', 'This very draft was proposed before. Open that proposal.', { packHash: hash });
  }
  const proposalId = `prp_${toHex(random.bytes(16))}`;
  await sql.begin((tx) =>
    insertProposal(tx, {
      proposalId,
      pack,
      packHash: hash,
      baseHash: input.baseHash,
      reason: input.reason,
      authorization: input.authorization,
      mode: input.mode,
      effectiveFrom: input.effectiveFrom,
      createdBy: staff.staffId,
      createdAt: clock.now(),
    }),
  );
  return mustFind(await findProposal(sql, proposalId));
}

function mustFind(proposal: Proposal | null): Proposal {
  if (proposal === null) throw new RefusalError('not_found', 'proposal_unknown', 'There is no such proposal.');
  return proposal;
}

function mustBe(proposal: Proposal, states: readonly Proposal['state'][]): void {
  if (states.includes(proposal.state)) return;
  throw new RefusalError('conflict', 'proposal_state', 'The proposal has moved on. Load it again.', { state: proposal.state });
}

/** Opens a draft for comment. */
export async function publishPack({ sql, clock, outbox }: PackGround, proposalId: string): Promise<Proposal> {
  const now = clock.now();
  return sql.begin(async (tx) => {
    const proposal = mustFind(await findProposal(tx, proposalId, true));
    mustBe(proposal, ['draft']);
    await publishProposal(tx, proposalId, now);
    await outbox.append(tx, [stateMessage(proposal, 'draft', 'public', now)]);
    return mustFind(await findProposal(tx, proposalId));
  });
}

function stateMessage({ pack, packHash: hash, effectiveFrom }: Proposal, from: string, to: string, now: Instant, at = effectiveFrom) {
  return message('public', 'pack.state', now, {
    packId: pack.id,
    version: pack.version,
    packHash: hash,
    from,
    to,
    effectiveFrom: toIso(at),
  });
}

export async function withdrawPack({ sql, clock, outbox }: PackGround, proposalId: string): Promise<Proposal> {
  return sql.begin(async (tx) => {
    const proposal = mustFind(await findProposal(tx, proposalId, true));
    mustBe(proposal, ['draft', 'public']);
    await withdrawProposal(tx, proposalId);
    if (proposal.state === 'public') await outbox.append(tx, [stateMessage(proposal, 'public', 'withdrawn', clock.now())]);
    return mustFind(await findProposal(tx, proposalId));
  });
}

/** One approval per role, by two different people. @throws {RefusalError} `proposal_signed` `second_person_needed` */
export async function approvePack(ground: PackGround, staff: StaffSession, proposalId: string, given: Signed): Promise<Proposal> {
  const { sql, clock } = ground;
  return sql.begin(async (tx) => {
    const proposal = mustFind(await findProposal(tx, proposalId, true));
    mustBe(proposal, ['public']);
    const others = await listSignatures(tx, proposalId);
    if (others.some(({ staffId }) => staffId === staff.staffId)) {
      throw new RefusalError('forbidden', 'second_person_needed', 'The two approvals must come from two people.');
    }
    const { staffId, name, organisation, certificateSerial, role } = staff;
    const signature = {
      role: role === 'operator' ? ('operator' as const) : ('supervisor' as const),
      staffId,
      name,
      organisation,
      certificateSerial,
    };
    const isNew = await insertSignature(tx, proposalId, { ...signature, at: clock.now() });
    if (!isNew) throw new RefusalError('conflict', 'proposal_signed', 'This role has approved already.');
    const { packHash: hash, mode, effectiveFrom } = proposal;
    const document = packApprovalDocument({ actId: given.actId, proposalId, packHash: hash, mode, effectiveFrom: toIso(effectiveFrom) });
    await keepPersonal(tx, proposalId, await requirePersonal(ground, staff, document, given.signature), clock.now());
    return mustFind(await findProposal(tx, proposalId));
  });
}

/**
 * Enters the pack on the ledger. With notice both roles must have approved; at once a supervisor alone, and only what is stricter. Where the
 * supervisor's key is elsewhere the activation waits for it. @throws {RefusalError}
 */
export async function activatePack(
  ground: PackGround,
  proposalId: string,
  staff: Pick<StaffSession, 'name' | 'organisation'>,
): Promise<Proposal> {
  const { ledger, clock, random } = ground;
  const proposal = await requireActivatable(ground, proposalId);
  const now = clock.now();
  const isTightening = proposal.mode === 'TIGHTEN';
  const op: Op = {
    kind: 'rule_pack_activate',
    jurisdiction: JURISDICTION,
    pack: fromHex(proposal.packHash, 32),
    // The ledger asks for a start that is not before its own clock's notice; at once means from now on.
    from: BigInt(isTightening ? now - MINUTE_MS : proposal.effectiveFrom),
    tighten: isTightening ? 1 : 0,
  };
  const supervisor = ledger.demo?.supervisor ?? null;
  const window = supervisor === null ? windowToSign(now) : { notBefore: BigInt(now - MINUTE_MS), notAfter: BigInt(now + HOUR_MS) };
  const body = { chain: ledger.chain, salt: random.bytes(16), ...window, op };
  const [first = null] = isTightening ? (supervisor?.batchSign([body]) ?? []) : ledger.operator.batchSign([body]);
  if (supervisor === null) {
    const subject = { kind: 'pack_activation', subjectId: proposalId, step: '' } as const;
    const paper = { kind: 'pack_activation', pack: proposal.pack, reason: proposal.reason } as const;
    await askCoSign(ground, { ...subject, body, env: first, paper, intent: {}, askedBy: `${staff.name} (${staff.organisation})` });
    return proposal;
  }
  assert(first !== null, 'one body, one env');
  return enterActivation(ground, proposal, isTightening ? first : supervisor.coSign(first));
}

/** An activation that a supervisor signs elsewhere. */
export function awaitedActivation(ground: PackGround): CoSignStep {
  const read = async ({ subjectId, body }: CoSign): Promise<Proposal> => {
    const proposal = await requireActivatable(ground, subjectId);
    if (body.op.kind !== 'rule_pack_activate' || toHex(body.op.pack) !== proposal.packHash)
      throw new RefusalError('conflict', 'proposal_state', 'The proposal has moved on. Load it again.', { state: proposal.state });
    return proposal;
  };
  return {
    check: async (request) => {
      await read(request);
    },
    finish: async (request, env, also) => {
      await enterActivation(ground, await read(request), env, also);
    },
  };
}

/** @throws {RefusalError} what stands against activating it now */
async function requireActivatable(ground: PackGround, proposalId: string): Promise<Proposal> {
  const { sql } = ground;
  const proposal = mustFind(await findProposal(sql, proposalId));
  mustBe(proposal, ['public']);
  const roles = (await listSignatures(sql, proposalId)).map(({ role }) => role);
  const needed = proposal.mode === 'TIGHTEN' ? (['supervisor'] as const) : (['operator', 'supervisor'] as const);
  const missing = needed.find((role) => !roles.includes(role));
  if (missing !== undefined) {
    throw new RefusalError('forbidden', 'second_approval_missing', 'Not everybody who must approve has done so.', { role: missing });
  }
  const refused = await refuseDraft(ground, proposal.pack, proposal);
  if (refused !== null) throw refusedActivation(refused);
  return proposal;
}

async function enterActivation(ground: PackGround, proposal: Proposal, env: TxEnv, also?: (tx: Tx) => Promise<void>): Promise<Proposal> {
  const { sql, clock, outbox } = ground;
  const { proposalId } = proposal;
  const now = clock.now();
  const { op } = env.body;
  assert(op.kind === 'rule_pack_activate', 'an activation');
  const from = instant(Number(op.from));
  rememberPack(proposal.pack);
  const [result] = await sequenceOutside(ground, [env], async (tx: Tx, results) => {
    const [entry] = results;
    if (entry?.kind !== 'sequenced') return;
    await markActivated(tx, proposalId, now, entry.txId);
    const words = {
      zh: `规则包 ${proposal.pack.id} ${proposal.pack.version}`,
      en: `Rule pack ${proposal.pack.id} ${proposal.pack.version}`,
    };
    await insertPack(tx, proposal.pack, from, words);
    await outbox.append(tx, [stateMessage(proposal, 'public', proposal.mode === 'TIGHTEN' ? 'active' : 'announced', now, from)]);
    await also?.(tx);
  });
  if (result?.kind !== 'sequenced') {
    const code = result?.kind === 'rejected' ? result.code : 'unavailable';
    throw new RefusalError('unprocessable', code, 'The ledger did not take the activation; nothing was done.', {});
  }
  return mustFind(await findProposal(sql, proposalId));
}

export type KnownPack = {
  readonly pack: RulePack;
  readonly hash: string;
  readonly state: 'active' | 'announced' | 'past' | 'shipped' | 'proposed';
};

/** Every pack that can be looked at: in force, announced, past, shipped beside it (other jurisdictions), proposed. */
export async function listKnownPacks({ sql, ledger, clock }: PackGround): Promise<readonly KnownPack[]> {
  const now = clock.now();
  const activeHash = packHash(activePack(ledger.pending, now).pack);
  const known = new Map<string, KnownPack>();
  for (const { pack, activatedAt } of await listActivatedPacks(sql)) {
    const hash = rememberPack(pack);
    known.set(hash, { pack, hash, state: hash === activeHash ? 'active' : activatedAt > now ? 'announced' : 'past' });
  }
  for (const { pack, packHash: hash } of await listProposals(sql, ['draft', 'public'])) {
    rememberPack(pack);
    if (!known.has(hash)) known.set(hash, { pack, hash, state: 'proposed' });
  }
  for (const pack of PACKS) {
    const hash = packHash(pack);
    if (!known.has(hash)) known.set(hash, { pack, hash, state: hash === activeHash ? 'active' : 'shipped' });
  }
  return [...known.values()];
}

/** Everything that a draft or a step of it can be refused with. */
export const PROPOSAL_CODES = [
  ...PACK_FAULTS,
  ...ACTIVATION_REFUSALS,
  'pack_unknown',
  'pack_known',
  'proposal_unknown',
  'proposal_state',
  'proposal_signed',
  'second_person_needed',
  'second_approval_missing',
] as const;
export type ProposalCode = (typeof PROPOSAL_CODES)[number];
