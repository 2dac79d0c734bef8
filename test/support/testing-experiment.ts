/** An experiment that tests at once: entered on the ledger as the demonstration's pilot is, without the notice that nobody lived through. */
import type { Op } from '#ledger/codec/op-types.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { addDays } from '#sandbox/experiments/check-experiment.ts';
import { type Experiment, experimentHash } from '#sandbox/experiments/experiment.ts';
import { fillTemplate, TEMPLATES } from '#sandbox/experiments/templates.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { insertExperiment } from '#server/exchange/experiments.repo.ts';
import { silentLog } from '#server/log.ts';
import type { TestMarket } from './market.ts';

const TESTING = 4;
const SEEDED = 1;
const MINUTE_MS = 60_000;

export async function enterTesting(
  m: TestMarket,
  templateId: string,
  facts: { readonly id: string; readonly classIds: readonly string[]; readonly gameIds: readonly string[] } & Partial<Experiment>,
): Promise<Experiment> {
  const { sql, clock, ledger, random, outbox, market } = m;
  const { id, classIds, gameIds, ...more } = facts;
  const template = TEMPLATES.find((each) => each.id === templateId);
  if (template === undefined || ledger.demo === null) throw new Error(`no template ${templateId}`);
  const now = clock.now();
  const today = beijingDate(now);
  const filled = fillTemplate(template, {
    ...{ id, declarationNo: '9144DEMO-2026-0002', pack: activePack(ledger.pending, now).pack },
    ...{ today, gameIds, classIds },
  });
  const period = { ...filled.period, start: today, end: addDays(today, 120) };
  const experiment: Experiment = { ...filled, status: 'TESTING', period, ...more };
  const op: Op = {
    kind: 'experiment_transition',
    experiment: recordKey.experiment(id),
    to: TESTING,
    flags: SEEDED,
    doc: fromHex(experimentHash(experiment), 32),
  };
  const window = { notBefore: BigInt(now - MINUTE_MS), notAfter: BigInt(now + 60 * MINUTE_MS) };
  const [signed] = ledger.operator.batchSign([{ chain: ledger.chain, salt: random.bytes(16), ...window, op }]);
  if (signed === undefined) throw new Error('one body, one env');
  const ground = { sql, clock, ledger, random, outbox, log: silentLog };
  const [result] = await sequenceOutside(
    ground,
    [ledger.demo.supervisor.coSign(signed)],
    (tx) => insertExperiment(tx, experiment, now).then(() => undefined),
    () => market.experiments.set(experiment),
  );
  if (result?.kind !== 'sequenced') throw new Error(`not entered: ${JSON.stringify(result)}`);
  return experiment;
}
