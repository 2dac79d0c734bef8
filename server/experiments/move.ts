/**
 * Experiments from draft to their end (product V-20): each step is guarded, signed by those whom the ledger asks for, entered on the ledger
 * and known to the market before the next command is worked out. A refusal changes nothing.
 */
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { stepApprovalDocument, stepDocument } from '#sandbox/cases/approval-order.ts';
import { checkExperiment } from '#sandbox/experiments/check-experiment.ts';
import { parseDeclaration } from '#sandbox/experiments/declaration.ts';
import { type Experiment, experimentHash } from '#sandbox/experiments/experiment.ts';
import { parseExperiment } from '#sandbox/experiments/parse-experiment.ts';
import { afterStep, refuseStep, STEPS, type Step } from '#sandbox/experiments/steps.ts';
import { keepPersonal, type Official, requirePersonal, type Signed, type SignedAct } from '#server/cases/personal-signatures.ts';
import { askCoSign, windowToSign } from '#server/co-sign/ask.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { insertExperiment } from '#server/exchange/experiments.repo.ts';
import { message } from '#server/exchange/messages.ts';
import type { OpenedMarket } from '#server/exchange/open-market.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { RefusalError } from '#server/refusal.ts';
import { deskRefusal, isDeskCode } from './refusals.ts';
import { intentOf } from './step-intent.ts';
import {
  type Approval,
  type FiredRow,
  findDeclaration,
  insertApproval,
  insertDeclaration,
  insertStep,
  insertTrigger,
  listApprovals,
  listKnown,
  listSteps,
  lockExperiment,
  updateExperiment,
} from './steps.repo.ts';

export type DeskGround = Ground & {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly market: Pick<OpenedMarket, 'experiments' | 'endExperimentOrders'>;
};
/** Who moves: a person, or the market itself when a trigger acts. */
export type Mover = {
  readonly by: string;
  readonly role: 'operator' | 'supervisor';
  /** With the personal signature under the step. */
  readonly staff: (Official & { readonly signed: Signed }) | null;
};
export const MARKET_ITSELF: Mover = { by: 'market', role: 'operator', staff: null };
export type Move = { readonly experimentId: string; readonly step: Step; readonly reason: string; readonly newEnd: string | null };

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SIMULATED = 2;
const ENDED: readonly Experiment['status'][] = ['EXITED_SUCCESS', 'EXITED_FAILED', 'HALTED'];

export function hasEnded({ status }: Pick<Experiment, 'status'>): boolean {
  return ENDED.includes(status);
}

function readWith<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ParseError) || !isDeskCode(error.code)) throw error;
    throw deskRefusal(error.code, Object.fromEntries(Object.entries(error.facts).map(([key, value]) => [key, String(value)])));
  }
}

/** Keeps a draft with its declaration. @throws {RefusalError} */
export async function draftExperiment(
  ground: DeskGround,
  staff: StaffSession,
  document: unknown,
  declaration: unknown,
): Promise<Experiment> {
  const { sql, clock, ledger, market } = ground;
  const experiment = { ...readWith(() => parseExperiment(document)), status: 'DRAFT' as const };
  const declared = readWith(() => parseDeclaration(declaration));
  const now = clock.now();
  const fault = checkExperiment(experiment, {
    pack: activePack(ledger.pending, now).pack,
    today: beijingDate(now),
    isDemonstration: ledger.demo !== null,
    needsNotice: true,
  });
  if (fault !== null) throw deskRefusal(fault.code, fault.facts);
  if (declared.applicationNo !== experiment.declarationNo) {
    throw deskRefusal('experiment_contradictory', { place: 'declarationNo', reason: 'the declaration has another number' });
  }
  if (market.experiments.find(experiment.id) !== null) throw deskRefusal('experiment_known', { experimentId: experiment.id });
  await refuseUnknownKinds(sql, experiment);
  await ledger.runGroup(async () => {
    const isNew = await sql.begin(async (tx) => {
      if (!(await insertExperiment(tx, experiment, now))) return false;
      await insertDeclaration(tx, experiment.id, declared, staff.staffId, now);
      await insertStep(tx, experiment.id, { step: 'draft', from: null, to: 'DRAFT', at: now, reason: '', by: staff.staffId, txId: null });
      return true;
    });
    if (!isNew) throw deskRefusal('experiment_known', { experimentId: experiment.id });
    market.experiments.set(experiment);
  });
  return experiment;
}

/** What nobody can trade is no trial: games and kinds are of this market, and each kind is of a game that is named. */
async function refuseUnknownKinds(sql: DeskGround['sql'], { eligibility: { games, itemClasses } }: Experiment): Promise<void> {
  const known = await listKnown(sql, { games, itemClasses });
  const noGame = games.find((gameId) => !known.games.has(gameId));
  if (noGame !== undefined) throw deskRefusal('experiment_game_unknown', { gameId: noGame });
  for (const classId of itemClasses) {
    const gameId = known.gameOf.get(classId);
    if (gameId === undefined) throw deskRefusal('experiment_kind_unknown', { classId });
    if (!games.includes(gameId)) throw deskRefusal('experiment_contradictory', { place: 'eligibility.games', reason: `no ${gameId}` });
  }
}

/** Agrees to a step that needs more than one person. */
export async function approveStep(
  ground: DeskGround,
  staff: StaffSession,
  { experimentId, step, newEnd }: Omit<Move, 'reason'>,
  { actId, signature }: Signed,
): Promise<void> {
  const { sql, clock } = ground;
  const experiment = mustFind(ground, experimentId);
  const from: readonly string[] = STEPS[step].from;
  if (!from.includes(experiment.status)) throw deskRefusal('experiment_state', { state: experiment.status, step });
  await sql.begin(async (tx) => {
    await lockExperiment(tx, experimentId);
    const given = await currentApprovals(tx, { experimentId, step, newEnd });
    if (given.some(({ staffId }) => staffId === staff.staffId)) throw deskRefusal('approval_given');
    const order = { actId, experimentId, step, newEnd: newEnd ?? '', documentHash: experimentHash(experiment) };
    const act = await requirePersonal(ground, staff, stepApprovalDocument(order), signature);
    const now = clock.now();
    await insertApproval(tx, experimentId, approvalOf(staff, { step, newEnd }, now));
    await keepPersonal(tx, experimentId, act, now);
  });
}

function approvalOf(staff: Official, { step, newEnd }: Pick<Move, 'step' | 'newEnd'>, now: Approval['at']): Approval {
  const { staffId, name, organisation } = staff;
  return { step, subject: newEnd ?? '', staffId, role: staff.role === 'operator' ? 'operator' : 'supervisor', name, organisation, at: now };
}

/** Those given for exactly this step since the experiment came where it is. */
async function currentApprovals(sql: Parameters<typeof listApprovals>[0], { experimentId, step, newEnd }: Omit<Move, 'reason'>) {
  const since = (await listSteps(sql, experimentId)).at(-1)?.at ?? 0;
  const approvals = await listApprovals(sql, experimentId);
  return approvals.filter((each) => each.step === step && each.subject === (newEnd ?? '') && each.at >= since);
}

export function mustFind({ market }: DeskGround, experimentId: string): Experiment {
  const running = market.experiments.find(experimentId);
  if (running === null) throw new RefusalError('not_found', 'experiment_unknown', 'There is no such experiment.');
  return running.experiment;
}

/**
 * Takes one step. `fired`: the trigger behind it, kept with the same commit. Where the supervisor's key is elsewhere a step that needs it
 * waits, and the experiment is answered as it stands. @throws {RefusalError}
 */
export async function moveExperiment(ground: DeskGround, mover: Mover, move: Move, fired: FiredRow | null = null): Promise<Experiment> {
  const { experimentId, step, reason, newEnd } = move;
  const before = mustFind(ground, experimentId);
  await refuseMove(ground, mover, move, before);
  const act = await personalOf(ground, mover, move, before);
  const after = afterStep(before, step, newEnd);
  const { body, env, waits } = signStep(ground, mover, step, after);
  if (waits) {
    const intent = intentOf(mover, move, act);
    const paper = { kind: 'experiment_step', experiment: after, step, reason } as const;
    const askedBy = mover.staff === null ? mover.by : `${mover.staff.name} (${mover.staff.organisation})`;
    await askCoSign(ground, { kind: 'experiment_step', subjectId: experimentId, step, body, env, paper, intent, askedBy });
    return before;
  }
  assert(env !== null, 'a step that waits for nobody is signed');
  return enterStep(ground, { mover, move, act, before, after, fired }, env);
}

/** What is entered with a step. */
export type TakenStep = {
  readonly mover: Mover;
  readonly move: Move;
  readonly act: SignedAct | null;
  readonly before: Experiment;
  readonly after: Experiment;
  readonly fired: FiredRow | null;
};

/** On the ledger, in the tables and in memory, or not at all. @throws {RefusalError} */
export async function enterStep(
  ground: DeskGround,
  { mover, move, act, before, after, fired }: TakenStep,
  env: TxEnv,
  also?: (tx: Tx) => Promise<void>,
): Promise<Experiment> {
  const { clock, outbox, market } = ground;
  const { experimentId, step, reason } = move;
  const now = clock.now();
  const [result] = await sequenceOutside(
    ground,
    [env],
    async (tx, results) => {
      const [entry] = results;
      if (entry?.kind !== 'sequenced') return;
      await lockExperiment(tx, experimentId);
      await updateExperiment(tx, after, now);
      await insertStep(tx, experimentId, {
        step,
        from: before.status,
        to: after.status,
        at: now,
        reason,
        by: mover.by,
        txId: toHex(entry.txId),
      });
      if (act !== null) await keepPersonal(tx, experimentId, act, now);
      await also?.(tx);
      if (fired !== null) await insertTrigger(tx, experimentId, fired);
      await outbox.append(tx, [
        message('sup:all', 'sbx.state', now, {
          experimentId,
          from: before.status,
          to: after.status,
          reason,
          txId: toHex(entry.txId),
          simulated: after.authorization?.kind === 'SIMULATED',
        }),
        ...(fired === null
          ? []
          : [
              message('sup:all', 'sbx.trigger', now, {
                experimentId,
                trigger: fired.when,
                value: String(fired.value),
                action: fired.action,
              }),
            ]),
      ]);
    },
    // Still in the ledger's line: no command is worked out under the old state.
    (results) => {
      if (results[0]?.kind === 'sequenced') market.experiments.set(after);
    },
  );
  if (result?.kind !== 'sequenced') {
    const code = result?.kind === 'rejected' ? result.code : 'unavailable';
    throw new RefusalError('unprocessable', code, 'The ledger did not take the step; nothing was done.', {});
  }
  if (hasEnded(after)) await market.endExperimentOrders(experimentId);
  return after;
}

/** Null: the market itself moves. @throws {RefusalError} `sig_invalid` */
async function personalOf(
  ground: DeskGround,
  { staff }: Mover,
  { experimentId, step, newEnd, reason }: Move,
  before: Experiment,
): Promise<SignedAct | null> {
  if (staff === null) return null;
  const { actId, signature } = staff.signed;
  const order = { actId, experimentId, step, newEnd: newEnd ?? '', documentHash: experimentHash(before), reason };
  return requirePersonal(ground, staff, stepDocument(order), signature);
}

/** @throws {RefusalError} the first guard that the step does not pass now */
export async function refuseMove(ground: DeskGround, mover: Mover, move: Move, experiment: Experiment): Promise<void> {
  const { sql, clock, ledger, market } = ground;
  const { experimentId, step, reason, newEnd } = move;
  const now = clock.now();
  const steps = await listSteps(sql, experimentId);
  const approvals = [
    ...(await currentApprovals(sql, move)).filter(({ staffId }) => staffId !== mover.staff?.staffId),
    ...(mover.staff === null ? [] : [approvalOf(mover.staff, move, now)]),
  ];
  const others = market.experiments
    .all()
    .filter((each) => each.experiment.id !== experimentId && ['TESTING', 'PAUSED'].includes(each.experiment.status));
  const refused = refuseStep(experiment, step, {
    now,
    pack: activePack(ledger.pending, now).pack,
    isDemonstration: ledger.demo !== null,
    declaration: await findDeclaration(sql, experimentId),
    noticeSince: steps.findLast(({ to }) => to === 'PUBLIC_NOTICE')?.at ?? null,
    supervisors: new Set(approvals.filter(({ role }) => role === 'supervisor').map(({ staffId }) => staffId)).size,
    extensions: steps.filter((each) => each.step === 'extend').length,
    reason,
    newEnd,
    takenClasses: others.flatMap((each) => each.experiment.eligibility.itemClasses),
  });
  if (refused !== null) throw deskRefusal(refused.code, refused.facts);
  if (STEPS[step].signers !== 'OS') return;
  const missing = (['operator', 'supervisor'] as const).find((role) => !approvals.some((each) => each.role === role));
  if (missing !== undefined) throw deskRefusal('second_role_missing', { role: missing });
}

type SignedStep = { readonly body: TxBody; readonly env: TxEnv | null; readonly waits: boolean };

/** By whom the market holds a key; `waits`: a supervisor's signature is still missing. */
function signStep({ ledger, clock, random }: DeskGround, mover: Mover, step: Step, after: Experiment): SignedStep {
  const { signers, stage } = STEPS[step];
  const now = clock.now();
  const op: Op = {
    kind: 'experiment_transition',
    experiment: recordKey.experiment(after.id),
    to: stage,
    flags: after.authorization?.kind === 'SIMULATED' ? SIMULATED : 0,
    doc: fromHex(experimentHash(after), 32),
  };
  const bySupervisor = signers === 'S' || (signers === 'O|S' && mover.role === 'supervisor');
  const supervisor = ledger.demo?.supervisor ?? null;
  const waits = supervisor === null && (bySupervisor || signers === 'OS');
  const window = waits ? windowToSign(now) : { notBefore: BigInt(now - MINUTE_MS), notAfter: BigInt(now + HOUR_MS) };
  const body: TxBody = { chain: ledger.chain, salt: random.bytes(16), ...window, op };
  if (bySupervisor) return { body, env: supervisor?.batchSign([body])[0] ?? null, waits };
  const [first] = ledger.operator.batchSign([body]);
  assert(first !== undefined, 'one body, one env');
  return { body, env: signers === 'OS' && supervisor !== null ? supervisor.coSign(first) : first, waits };
}

export const commentId = (bytes: Uint8Array): string => `cmt_${toHex(bytes)}`;
