/** What a leader does (`ledger.md` 10.2, 10.6): from LedgerTx to a proposal, from Endorsements to a decided slot. */
import { satisfies } from '#ledger/block/policy.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import { type EndorsementSet, encodeEndorsementSet } from '#ledger/codec/header.ts';
import type { BlockBody, Proposal, Refusal } from '#ledger/codec/peer-body.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { LEDGER_CODES, type LedgerCode } from '#ledger/tx/codes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { canSign } from './abstain.ts';
import { AGAIN_MS, follow, giveUp } from './campaign.ts';
import type { MemberEvent } from './events.ts';
import { examine } from './examine.ts';
import type { Leading, OwnProposal } from './state.ts';
import { setOf } from './statements.ts';
import type { Turn } from './turn.ts';
import { noteSlot, RETRY_MS, readSlot } from './vote.ts';
import { noteEndorsementSeen, noteSet, noteVote } from './witness.ts';

/** While a ConfigUpdate waits for its height, empty blocks come every second. */
const CONFIG_PENDING_MS = 1000n;

type Lead = Extract<Leading, { kind: 'lead' }>;

/** Proposes when there is reason to: a header that may already be bound, LedgerTx that wait, or nothing for too long. */
export function proposeIfDue(turn: Turn): void {
  const { leading } = turn.state;
  const { round } = turn;
  if (leading.kind !== 'lead' || leading.proposed !== null || leading.job !== null) return;
  if (round.certifying !== null || round.slot !== null || !canSign(turn)) return;
  const bound = boundHeader(turn);
  if (bound !== null) {
    proposeAgain(turn, leading, bound.header, bound.set);
    return;
  }
  if (turn.now >= blockDueAt(turn)) buildBlock(turn, leading);
}

/** A header that a quorum has endorsed, this member has voted for, or a Recovery has found. Nothing else can pass. */
function boundHeader(turn: Turn): { readonly header: EndorsementSet['header']; readonly set: EndorsementSet | null } | null {
  const { base, vote, highestSet, epoch } = turn.round;
  if (base !== null) return { header: headerHash(base), set: null };
  if (vote !== null) return { header: vote.header, set: vote.set };
  return highestSet === null || highestSet.epoch !== epoch ? null : { header: highestSet.header, set: highestSet };
}

/** `header` is identical whoever proposes it: it names no leader and no term. */
function proposeAgain(turn: Turn, leading: Lead, header: EndorsementSet['header'], set: EndorsementSet | null): void {
  const { round } = turn;
  const block = round.bodies.get(toHex(header));
  if (block === undefined) {
    if (turn.now - round.askedAt < RETRY_MS) return;
    turn.setRound({ askedAt: turn.now });
    turn.sendAll({ kind: 'body_ask', height: round.height, header });
    return;
  }
  propose(turn, leading, { ...block, term: leading.term, set });
}

/** When the next block is due, in monotonic time. */
export function blockDueAt(turn: Turn): bigint {
  const { mempool, isConfigPending } = turn.state;
  const { limits } = turn.round.config;
  const idle = turn.round.since + (isConfigPending ? CONFIG_PENDING_MS : BigInt(limits.idleMs));
  const [first] = mempool.values();
  if (first === undefined) return idle;
  if (mempool.size >= limits.blockTx) return turn.now;
  const due = first.since + BigInt(limits.blockMs);
  return due < idle ? due : idle;
}

function buildBlock(turn: Turn, leading: Lead): void {
  const { state, round, moment } = turn;
  const job = state.jobs + 1;
  const after = state.tip.header.sealedAt + 1n;
  turn.set({ jobs: job, leading: { ...leading, job } });
  turn.emit({
    kind: 'build_block',
    job,
    config: round.config,
    sealedAt: moment.clock > after ? moment.clock : after,
    ext: round.ext,
    envs: [...state.mempool.values()].slice(0, round.config.limits.blockTx).map((tx) => tx.env),
  });
}

export function blockBuilt(turn: Turn, event: Extract<MemberEvent, { kind: 'block_built' }>): void {
  for (const { txId, code } of event.dropped) dropTx(turn, txId, code);
  const { leading } = turn.state;
  if (leading.kind !== 'lead' || leading.job !== event.job) return;
  turn.set({ leading: { ...leading, job: null } });
  const { header } = event.block;
  const isCurrent = header.height === turn.round.height && equalBytes(header.prevHash, turn.state.tip.hash);
  if (isCurrent && turn.round.certifying === null && boundHeader(turn) === null)
    propose(turn, { ...leading, job: null }, { ...event.block, term: leading.term, set: null });
}

function dropTx(turn: Turn, txId: Uint8Array, code: LedgerCode): void {
  const key = toHex(txId);
  const known = turn.state.mempool.get(key);
  if (known === undefined) return;
  const mempool = new Map(turn.state.mempool);
  mempool.delete(key);
  turn.set({ mempool });
  turn.emit({ kind: 'tx_refused', txId: known.txId, code });
}

function propose(turn: Turn, leading: Lead, proposal: Proposal): void {
  const hash = headerHash(proposal.header);
  const block: BlockBody = { header: proposal.header, entries: proposal.entries };
  turn.setRound({ bodies: new Map([...turn.round.bodies, [toHex(hash), block]]) });
  const proposed: OwnProposal = { hash, proposal, since: turn.now, sentAt: turn.now, refusals: new Map(), isDeciding: false };
  turn.set({ leading: { ...leading, proposed } });
  turn.sendAll({ kind: 'propose', proposal });
  examine(turn, turn.ground.self, proposal);
  // Endorsements of the very header may be here already, from a term before or from before a restart.
  decideIfEndorsed(turn);
}

/** Sends it again to whoever is silent or was only behind; a round that does not come to an end is given up. */
export function pursueProposal(turn: Turn): void {
  const { leading } = turn.state;
  if (leading.kind !== 'lead' || leading.proposed === null) return;
  const { proposed } = leading;
  const { config, endorsements } = turn.round;
  if (turn.now - proposed.since >= 2n * BigInt(config.limits.leaseMs)) {
    giveUp(turn);
    return;
  }
  if (turn.now - proposed.sentAt < RETRY_MS) return;
  turn.set({ leading: { ...leading, proposed: { ...proposed, sentAt: turn.now } } });
  const endorsed = endorsements.filter((each) => each.vote.term === leading.term).map((each) => each.vote.member);
  const silent = config.members.map((member) => member.id).filter((id) => !endorsed.includes(id) && !isFinalRefusal(proposed, id));
  turn.send(silent, { kind: 'propose', proposal: proposed.proposal });
  if (silent.includes(turn.ground.self)) examine(turn, turn.ground.self, proposed.proposal);
  if (!proposed.isDeciding) decideIfEndorsed(turn);
}

/** A verified Endorsement of anybody; for the leader it may complete the set. */
export function noteEndorsement(turn: Turn, statement: SignedVote): void {
  if (noteEndorsementSeen(turn, statement)) decideIfEndorsed(turn);
}

function decideIfEndorsed(turn: Turn): void {
  const { leading } = turn.state;
  const { round } = turn;
  if (leading.kind !== 'lead' || leading.proposed === null || leading.proposed.isDeciding) return;
  const set = setOf(round.config, round.endorsements, { term: leading.term, header: leading.proposed.hash });
  if (set === null) return;
  turn.set({ leading: { ...leading, proposed: { ...leading.proposed, isDeciding: true } } });
  noteSet(turn, set);
  turn.emit({ kind: 'decide', epoch: round.epoch, height: round.height, term: leading.term, slot: encodeEndorsementSet(set) });
}

/** The engine has answered. Whatever stands at the height now is finished, ours or another's. */
export function decided(turn: Turn, event: Extract<MemberEvent, { kind: 'decided' }>): void {
  const { round, state } = turn;
  if (event.epoch !== round.epoch || event.height !== round.height) return;
  const slot = event.slot.length === 0 ? null : readSlot(event.slot);
  if (slot === null) {
    if (state.leading.kind === 'lead' && state.leading.term === event.term) follow(turn, AGAIN_MS);
    return;
  }
  turn.sendAll({ kind: 'slot', set: slot });
  noteSlot(turn, slot);
}

/** Nobody knows whether it was decided: the slot is read, and decided again if it is not there. */
export function decideFailed(turn: Turn): void {
  const { leading } = turn.state;
  if (leading.kind !== 'lead' || leading.proposed === null) return;
  turn.set({ leading: { ...leading, proposed: { ...leading.proposed, isDeciding: false } } });
}

/** Refusals of a kind that a repetition may turn into an Endorsement. */
const MENDS: ReadonlySet<string> = new Set<LedgerCode>(['behind', 'envelope_missing', 'media_missing']);

function isFinalRefusal(proposed: OwnProposal, member: number): boolean {
  const refusal = proposed.refusals.get(member);
  return refusal !== undefined && !MENDS.has(refusal.code);
}

/** A refused header is replaced only under a new term (10.2). */
export function noteRefusal(turn: Turn, from: number, refusal: Refusal): void {
  if (refusal.vote !== null && refusal.vote.vote.member === from) noteVote(turn, refusal.vote);
  const { leading } = turn.state;
  if (leading.kind !== 'lead' || leading.proposed === null || leading.term !== refusal.term) return;
  const { proposed } = leading;
  if (!equalBytes(refusal.header, proposed.hash) || isFinalRefusal(proposed, from) || codeOf(refusal) === null) return;
  const refusals = new Map([...proposed.refusals, [from, refusal]]);
  const next: OwnProposal = { ...proposed, refusals };
  turn.set({ leading: { ...leading, proposed: next } });
  turn.alert('proposal_refused', { by: from, code: refusal.tx?.txCode ?? refusal.code, height: refusal.height });
  if (next.isDeciding || canPass(turn, (id) => !isFinalRefusal(next, id))) return;
  refuseNamed(turn, [...refusals.values()]);
  giveUp(turn);
}

/** Whether those that remain satisfy the finality policy. */
function canPass(turn: Turn, remains: (id: number) => boolean): boolean {
  const { config } = turn.round;
  return satisfies(config.finality, new Set(config.members.map((member) => member.id).filter(remains)), config.members);
}

/** A LedgerTx is refused when the refusals that name it put Finality out of reach (6.1). */
function refuseNamed(turn: Turn, refusals: readonly Refusal[]): void {
  const { leading } = turn.state;
  if (leading.kind !== 'lead' || leading.proposed === null) return;
  const byMember = [...leading.proposed.refusals];
  const named = new Map(
    refusals.flatMap((refusal) => {
      const code = codeOf(refusal);
      return refusal.tx === null || code === null ? [] : [[toHex(refusal.tx.txId), { tx: refusal.tx, code }] as const];
    }),
  );
  for (const [key, { tx, code }] of named) {
    const against = new Set(byMember.filter(([, each]) => each.tx !== null && toHex(each.tx.txId) === key).map(([id]) => id));
    if (canPass(turn, (id) => !against.has(id)) || code === 'promise_overdue') continue;
    dropTx(turn, tx.txId, code);
  }
}

/** What a refusal says, as a code of our list: a peer may send any string. */
function codeOf({ code, tx }: Refusal): LedgerCode | null {
  return LEDGER_CODES.find((each) => each === (tx?.txCode ?? code)) ?? null;
}
