/** A step of an experiment that waits for a supervisor's signature elsewhere, and how it is finished. */
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type Experiment, experimentHash } from '#sandbox/experiments/experiment.ts';
import { afterStep } from '#sandbox/experiments/steps.ts';
import type { CoSign } from '#server/co-sign/co-sign.repo.ts';
import type { CoSignStep } from '#server/co-sign/co-signs.ts';
import { type DeskGround, enterStep, hasEnded, type Mover, mustFind, refuseMove, type TakenStep } from './move.ts';
import { deskRefusal } from './refusals.ts';
import { stepIntent } from './step-intent.ts';

/** `ended`: an experiment came to its end, and its report is due. */
export function awaitedStep(ground: DeskGround, ended: () => void): CoSignStep {
  return {
    check: async (request) => {
      await readAwaited(ground, request);
    },
    finish: async (request, env, also) => {
      const moved = await enterStep(ground, await readAwaited(ground, request), env, also);
      if (hasEnded(moved)) ended();
    },
  };
}

/** The guards of the step once more, and the document that was signed. @throws {RefusalError} */
async function readAwaited(ground: DeskGround, { intent: kept, body }: CoSign): Promise<TakenStep> {
  const { move, by, role, act } = stepIntent.parse(kept);
  const staff = act === null ? null : { ...act.staff, signed: { actId: act.actId, signature: act.signature } };
  const mover: Mover = { by, role, staff };
  const before: Experiment = mustFind(ground, move.experimentId);
  await refuseMove(ground, mover, move, before);
  const after = afterStep(before, move.step, move.newEnd);
  if (body.op.kind !== 'experiment_transition' || toHex(body.op.doc) !== experimentHash(after))
    throw deskRefusal('experiment_state', { state: before.status, step: move.step });
  const signed = act === null ? null : { document: act.document, bytes: fromHex(act.signature, 64), staff: act.staff };
  return { mover, move, act: signed, before, after, fired: null };
}
