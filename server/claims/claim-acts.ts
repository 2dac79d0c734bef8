/**
 * What the parties do in a dispute (product P-32): claim, answer, appeal, give in, take back. Each is signed with the player's key, and its
 * hash stands on the ledger about the trade's entry. From the claim on money and item stay where they are.
 */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { fromBase64, toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId, TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { type CaseDocument, documentHash } from '#sandbox/cases/case-order.ts';
import {
  answerDocument,
  type ClaimAnswer,
  type ClaimAppeal,
  type ClaimKind,
  type ClaimOrder,
  claimAppealDocument,
  claimAttest,
  claimDocument,
  FILE_BYTES_MAX,
  FILES_MAX,
  HOLD_MARGIN_MS,
  KINDS_OF_SIDE,
} from '#sandbox/cases/claim-order.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { message, playerRoom } from '#server/exchange/messages.ts';
import { moveTrades } from '#server/exchange/trade-clocks.repo.ts';
import type { ClaimAct, ClaimFileInput, ClaimProof } from '#server/trpc/views.ts';
import { openClaimCase } from './claim-case.ts';
import { deskDueAt, endAppealWindow, reviewDueAt } from './claim-clocks.ts';
import { refuseClaim } from './claim-codes.ts';
import { type ClaimGround, closeUnreversed, operatorEnvs, operatorFreezes, requireAll, saveHeld, tellClaim } from './claim-ground.ts';
import { type ClaimTrade, findClaimTrade, heldUntil, leavesOf, setTradeDeadline } from './claim-trade.repo.ts';
import {
  addStep,
  type ClaimRow,
  type FileWrite,
  findClaim,
  hasClaimed,
  insertClaim,
  insertFiles,
  moveClaim,
  type StepWrite,
} from './claims.repo.ts';
import { type PlayerSigned, requirePlayerSignature } from './player-signature.ts';
import { reversalPay } from './reversal-pay.ts';

const MIMES = ['image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain'];

export const claimIdOf = (actId: string): string => `clm_${actId}`;

export type OpenClaimInput = Omit<ClaimOrder, 'tradeId' | 'files'> & {
  readonly tradeId: TradeId;
  readonly files: readonly ClaimFileInput[];
  readonly proof: ClaimProof;
};

export async function openClaim(ground: ClaimGround, acct: AccountId, input: OpenClaimInput): Promise<string> {
  const claimId = claimIdOf(input.actId);
  const known = await findClaim(ground.sql, claimId);
  if (known !== null) {
    if (known.claimant === acct && known.tradeId === input.tradeId && known.reason === input.reason) return claimId;
    throw refuseClaim('claim_state', { claimId });
  }
  const files = readFiles(input.files);
  const { tradeId, kind, reason } = input;
  await ground.sql.begin((tx) => requireClaimable(tx, acct, input));
  const document = claimDocument({ ...input, files: files.map((file) => toHex(file.sm3)) });
  const signed = await requirePlayerSignature(ground, acct, { document, proof: input.proof });
  await enterClaim(ground, acct, { claimId, tradeId, kind, reason, files, signed, takeoverId: null });
  return claimId;
}

export type SignedClaim = {
  readonly claimId: string;
  readonly tradeId: TradeId;
  readonly kind: ClaimKind;
  readonly reason: string;
  readonly files: readonly FileWrite[];
  /** By the claimant, and checked. */
  readonly signed: Pick<StepWrite, 'document' | 'signature' | 'proof'> & { readonly document: CaseDocument };
  /** Of the one declaration that claims many trades. */
  readonly takeoverId: string | null;
};

/** A claim whose signature has been checked: on the ledger and in the books, or refused. */
export async function enterClaim(ground: ClaimGround, acct: AccountId, input: SignedClaim): Promise<void> {
  const { clock, random } = ground;
  const { claimId, signed, files } = input;
  const { trade } = await ground.sql.begin(async (tx) => ({ trade: await requireClaimable(tx, acct, input) }));
  const at = clock.now();
  const reason = `${input.kind} ${claimId}`;
  // Where protection ends first the operator's freeze takes over; early ends at once.
  const endsSoon = heldUntil(leavesOf(ground.ledger, trade)) < BigInt(at + HOLD_MARGIN_MS);
  const holds = endsSoon ? operatorFreezes(ground, trade, reason) : [];
  const ops = [claimAttest(trade.entry, documentHash(signed.document)), ...holds.map(({ op }) => op)];
  await sequenceOutside(ground, operatorEnvs(ground, ops), async (tx, results) => {
    const [attest, ...frozen] = requireAll(results);
    await requireClaimable(tx, acct, input);
    const dueAt = instant(at + clocksAt(ground.ledger, at).claimAnswerMs);
    const respondent = trade.buyer === acct ? trade.seller : trade.buyer;
    const { kind, takeoverId } = input;
    const claim = { claimId, tradeId: trade.tradeId, kind, claimant: acct, respondent, reason: input.reason, at, dueAt, takeoverId };
    await insertClaim(tx, { ...claim, pay: reversalPay(trade, random) });
    await addStep(tx, claimId, { role: 'claimant', by: acct, act: 'opened', at, ...signed, txId: attest?.txId ?? null });
    await insertFiles(tx, claimId, 'claimant', at, files);
    await moveTrades(tx, [trade], { state: 'disputed', reason: null, at });
    await setTradeDeadline(tx, trade.tradeId, dueAt);
    await saveHeld(
      ground,
      tx,
      { claimId, trade, reason },
      holds.map((held, index) => ({ ...held, txId: frozen[index]?.txId ?? new Uint8Array(32) })),
    );
    await ground.outbox.append(
      tx,
      [trade.seller, trade.buyer].map((party) =>
        message(playerRoom(party), 'trade.updated', at, { id: trade.tradeId, from: 'protected', to: 'disputed', dueAt: toIso(dueAt) }),
      ),
    );
    await tellClaim(ground, tx, claim, { act: 'opened', from: null, to: 'open', dueAt, byRef: acct });
  });
}

type Claimable = ClaimTrade & { readonly entry: bigint };

async function requireClaimable(tx: Tx, acct: AccountId, { tradeId, kind }: Pick<SignedClaim, 'tradeId' | 'kind'>): Promise<Claimable> {
  const trade = await findClaimTrade(tx, tradeId);
  if (trade === null || (trade.seller !== acct && trade.buyer !== acct)) throw refuseClaim('claim_trade_unknown');
  if (trade.state === 'disputed') throw refuseClaim('claim_running');
  if (trade.state === 'paid_out' || trade.state === 'reversed' || trade.state === 'failed') throw refuseClaim('claim_too_late');
  if (trade.state !== 'protected' || trade.entry === null) throw refuseClaim('claim_too_early');
  if (await hasClaimed(tx, tradeId, acct)) throw refuseClaim('claim_made');
  if (!KINDS_OF_SIDE[trade.buyer === acct ? 'buy' : 'sell'].includes(kind)) throw refuseClaim('claim_kind', { kind });
  return { ...trade, entry: trade.entry };
}

/** @throws {RefusalError} `claim_files` */
export function readFiles(files: readonly ClaimFileInput[]): readonly FileWrite[] {
  if (files.length > FILES_MAX) throw refuseClaim('claim_files', { files: files.length });
  return files.map(({ name, mime, base64 }) => {
    const bytes = fromBase64(base64);
    const clean = name
      .replaceAll(/[\p{Cc}/\\]/gu, '')
      .trim()
      .slice(0, 120);
    if (!MIMES.includes(mime) || bytes.length === 0 || bytes.length > FILE_BYTES_MAX || clean === '')
      throw refuseClaim('claim_files', { name });
    return { sm3: sm3(bytes), name: clean, mime, bytes };
  });
}

export async function requireParty(tx: Tx, acct: AccountId, claimId: string): Promise<ClaimRow> {
  const claim = await findClaim(tx, claimId, true);
  if (claim === null || (claim.claimant !== acct && claim.respondent !== acct)) throw refuseClaim('claim_unknown');
  return claim;
}

/** A party's signed step with its hash on the ledger. `move` says what it changes. */
async function step(
  ground: ClaimGround,
  acct: AccountId,
  claimId: string,
  {
    signed,
    act,
    check,
    move,
  }: {
    readonly signed: PlayerSigned;
    readonly act: ClaimAct;
    check(claim: ClaimRow, now: Instant): void;
    move(tx: Tx, claim: ClaimRow, trade: ClaimTrade): Promise<void>;
  },
): Promise<void> {
  const { sql, clock } = ground;
  const found = await sql.begin(async (tx) => {
    const claim = await requireParty(tx, acct, claimId);
    check(claim, clock.now());
    return claim;
  });
  const trade = await findClaimTrade(sql, found.tradeId);
  if (trade === null || trade.entry === null) throw refuseClaim('claim_state');
  const proven = await requirePlayerSignature(ground, acct, signed);
  const envs = operatorEnvs(ground, [claimAttest(trade.entry, documentHash(signed.document))]);
  await sequenceOutside(ground, envs, async (tx, results) => {
    const [attest] = requireAll(results);
    const claim = await requireParty(tx, acct, claimId);
    const at = clock.now();
    check(claim, at);
    const role = acct === claim.claimant ? 'claimant' : 'respondent';
    await addStep(tx, claimId, { role, by: acct, act, at, ...proven, txId: attest?.txId ?? null });
    await move(tx, claim, trade);
  });
}

export async function answerClaim(
  ground: ClaimGround,
  acct: AccountId,
  input: Omit<ClaimAnswer, 'files'> & { readonly files: readonly ClaimFileInput[]; readonly proof: ClaimProof },
): Promise<void> {
  const files = readFiles(input.files);
  const document = answerDocument({ ...input, files: files.map((file) => toHex(file.sm3)) });
  await step(ground, acct, input.claimId, {
    signed: { document, proof: input.proof },
    act: 'answered',
    check: (claim, now) => {
      if (claim.respondent !== acct) throw refuseClaim('claim_not_your_turn');
      if (claim.state !== 'open')
        throw refuseClaim(claim.state === 'deciding' ? 'claim_answer_late' : 'claim_state', { state: claim.state });
      if (claim.dueAt !== null && claim.dueAt.getTime() <= now) throw refuseClaim('claim_answer_late');
    },
    move: async (tx, claim) => {
      const dueAt = deskDueAt(ground);
      await insertFiles(tx, claim.claimId, 'respondent', ground.clock.now(), files);
      await moveClaim(tx, claim.claimId, { state: 'deciding', dueAt });
      await setTradeDeadline(tx, claim.tradeId, dueAt);
      await tellClaim(ground, tx, claim, { act: 'answered', from: 'open', to: 'deciding', dueAt, byRef: acct });
    },
  });
}

/** Of whoever lost before the desk. */
const loserOf = ({ decision, claimant, respondent }: ClaimRow): AccountId => (decision === 'upheld' ? respondent : claimant);

function requireLoser(acct: AccountId): (claim: ClaimRow, now: Instant) => void {
  return (claim, now) => {
    if (claim.state !== 'decided') throw refuseClaim('claim_state', { state: claim.state });
    if (loserOf(claim) !== acct) throw refuseClaim('claim_not_your_turn');
    if (claim.dueAt !== null && claim.dueAt.getTime() <= now) throw refuseClaim('claim_appeal_late');
  };
}

export async function appealClaim(
  ground: ClaimGround,
  acct: AccountId,
  input: ClaimAppeal & { readonly proof: ClaimProof },
): Promise<void> {
  await step(ground, acct, input.claimId, {
    signed: { document: claimAppealDocument(input), proof: input.proof },
    act: 'appealed',
    check: requireLoser(acct),
    move: async (tx, claim) => {
      const dueAt = reviewDueAt(ground);
      await moveClaim(tx, claim.claimId, { state: 'appealed', dueAt });
      await setTradeDeadline(tx, claim.tradeId, dueAt);
      await openClaimCase(ground, tx, claim, 'appeal');
      await tellClaim(ground, tx, claim, { act: 'appealed', from: 'decided', to: 'appealed', dueAt, byRef: acct });
    },
  });
}

/** Whoever lost need not wait for the end of the seven days. */
export async function acceptDecision(ground: ClaimGround, acct: AccountId, claimId: string): Promise<void> {
  await ground.sql.begin(async (tx) => {
    const claim = await requireParty(tx, acct, claimId);
    requireLoser(acct)(claim, ground.clock.now());
    const at = ground.clock.now();
    await addStep(tx, claimId, { role: acct === claim.claimant ? 'claimant' : 'respondent', by: acct, act: 'accepted', at });
    await endAppealWindow(ground, tx, claim, acct);
  });
}

/** The claimant may take it back until somebody has to sign the reversal. */
export async function withdrawClaim(ground: ClaimGround, acct: AccountId, claimId: string): Promise<void> {
  await ground.sql.begin(async (tx) => {
    const claim = await requireParty(tx, acct, claimId);
    if (claim.claimant !== acct) throw refuseClaim('claim_not_your_turn');
    if (claim.state === 'closed' || claim.state === 'upheld') throw refuseClaim('claim_state', { state: claim.state });
    const trade = await findClaimTrade(tx, claim.tradeId);
    if (trade === null) throw refuseClaim('claim_state');
    await addStep(tx, claimId, { role: 'claimant', by: acct, act: 'withdrawn', at: ground.clock.now() });
    await closeUnreversed(ground, tx, claim, trade, 'withdrawn');
    await tellClaim(ground, tx, claim, { act: 'withdrawn', from: claim.state, to: 'closed', dueAt: null, byRef: acct });
  });
}
