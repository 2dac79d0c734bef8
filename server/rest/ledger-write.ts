/** The one frame of every write that ends on the ledger: plan, dry run, signatures, places in the sequence, the answer kept beside them,
 *  the wait for certification. */
import type { TransactionSql } from 'postgres';
import { decodeTxEnv, encodeTxBody, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { WritePlan } from '../studio/write-plan.ts';
import type { Answered, sequencedAnswer as sequencedAnswerOf, triedAnswer } from './answers.schema.ts';
import { openLines } from './lines.ts';
import { Problem } from './problems.ts';
import type { RouteAnswer, RouteCall } from './router.ts';
import { answerOnce, type Keep, type WriteBody } from './write.ts';

type Sequenced = Answered<typeof sequencedAnswerOf>;
type Tried = Answered<typeof triedAnswer>;
export type LedgerWriteBody = WriteBody & {
  readonly ledger_txs?: readonly string[] | undefined;
  readonly mode?: 'atomic' | 'per_item' | undefined;
};
/** Runs in the database transaction of the sequencing. */
export type Also = (sql: TransactionSql, txIds: readonly string[]) => Promise<void>;

export type PlannedWrite<Facts extends object> = {
  readonly plan: WritePlan;
  readonly status: number;
  /** What the answer says beside the rows, a dry run's too. */
  readonly facts: Facts;
  /** @throws {SequencingRefused} */
  sequence(envs: readonly TxEnv[], also: Also): Promise<void>;
};

const lines = openLines();

/** `line`: writes of one line are planned and sequenced one after the other, because each restates what the one before it left. */
export function ledgerWrite<Body extends LedgerWriteBody, Facts extends object>(
  call: RouteCall<Body>,
  frame: { readonly name: string; readonly line?: string; readonly prepare: () => Promise<PlannedWrite<Facts>> },
) {
  return answerOnce<Body, (Sequenced | Tried) & Facts>(call, frame.name, async (keep) => {
    const work = async () => {
      const planned = await frame.prepare();
      if (call.body.dry_run) return { answer: dryRunAnswer(planned), sequenced: null };
      const sequenced = await sequencePlanned(call, planned, keep);
      return { answer: sequenced.answer, sequenced };
    };
    const { answer, sequenced } = await (frame.line === undefined ? work() : lines(frame.line, work));
    if (call.prefer.waitSeconds === 0 || sequenced === null) return answer;
    return { ...answer, body: { ...sequenced.answer.body, state: await waitForCertified(call, sequenced.txIds) } };
  });
}

async function sequencePlanned<Facts extends object>(
  call: RouteCall<LedgerWriteBody>,
  planned: PlannedWrite<Facts>,
  keep: Keep<Sequenced & Facts>,
) {
  const { plan } = planned;
  if (call.body.mode === 'atomic' && plan.results.some((result) => result.state === 'rejected'))
    throw new Problem('batch_refused', { rows: plan.results });
  let sequenced: { readonly answer: RouteAnswer<Sequenced & Facts>; readonly txIds: readonly string[] } = {
    answer: sequencedAnswer(planned, []),
    txIds: [],
  };
  const envs = plan.bodies.length === 0 ? [] : signedEnvs(call, plan.bodies);
  await planned.sequence(envs, async (sql, txIds) => {
    sequenced = { answer: sequencedAnswer(planned, txIds), txIds };
    await keep(sql, sequenced.answer);
  });
  return sequenced;
}

function sequencedAnswer<Facts extends object>(
  { plan, status, facts }: PlannedWrite<Facts>,
  txIds: readonly string[],
): RouteAnswer<Sequenced & Facts> {
  const rows = plan.results.map((result) => (result.state === 'accepted' ? { ...result, state: 'sequenced' as const } : result));
  return { status, body: { state: 'sequenced', rows, tx_ids: txIds, replayed: false, ...facts } };
}

function dryRunAnswer<Facts extends object>({ plan, facts }: PlannedWrite<Facts>): RouteAnswer<Tried & Facts> {
  const bodies = plan.bodies.map((body) => toHex(encodeTxBody(body)));
  return { status: 200, body: { state: 'dry_run', rows: plan.results, ledger_tx_bodies: bodies, replayed: false, ...facts } };
}

/** The studio's own signatures over exactly these rows, or the hosted key's. @throws {Problem} */
function signedEnvs(call: RouteCall<LedgerWriteBody>, bodies: readonly TxBody[]): readonly TxEnv[] {
  const given = call.body.ledger_txs;
  if (given === undefined) {
    const envs = call.services.studio.ports.signHosted(call.caller.acct, bodies);
    if (envs === null) throw new Problem('ledger_txs_mismatch');
    return envs;
  }
  if (given.length !== bodies.length) throw new Problem('ledger_txs_mismatch');
  return given.map((hex, index) => {
    const env = decodeTxEnv(fromHex(hex));
    const expected = bodies[index];
    // The window was set when the bodies were asked for; all else must be what the rows say now.
    const { notBefore, notAfter } = env.body;
    if (expected === undefined || !equalBytes(encodeTxBody(env.body), encodeTxBody({ ...expected, notBefore, notAfter })))
      throw new Problem('ledger_txs_mismatch');
    return env;
  });
}

const POLL_MS = 50;

/** `Prefer: wait=n`: answers `certified` as soon as all are, else `sequenced` when the time is over. */
async function waitForCertified(call: RouteCall<unknown>, txIds: readonly string[]): Promise<'sequenced' | 'certified'> {
  const until = call.services.clock.now() + call.prefer.waitSeconds * 1000;
  for (;;) {
    const statuses = await Promise.all(txIds.map((txId) => call.services.ledger.status(fromHex(txId, 32))));
    if (statuses.every((status) => status?.status === 'certified')) return 'certified';
    if (call.services.clock.now() >= until) return 'sequenced';
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
