/** What every write shares: the reference, the dry run, the signatures of the ledger, the wait for certification. */
import type { TransactionSql } from 'postgres';
import { decodeTxEnv, encodeTxBody, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { differences, findReference, insertReference } from '../studio/references.ts';
import type { WritePlan } from '../studio/write-plan.ts';
import { Problem } from './problems.ts';
import type { RouteAnswer, RouteCall } from './router.ts';

type WriteBody = { readonly reference_id: string; readonly dry_run: boolean };

const running = new Map<string, Promise<unknown>>();

/** One at a time per reference: a repetition that arrives during the first call waits for its answer. */
export async function answerOnce<Body extends WriteBody>(
  call: RouteCall<Body>,
  routeName: string,
  work: (keep: (sql: TransactionSql, answer: RouteAnswer) => Promise<void>) => Promise<RouteAnswer>,
): Promise<RouteAnswer> {
  const { body, caller, services } = call;
  if (body.dry_run) return work(() => Promise.resolve());
  const key = `${caller.acct} ${body.reference_id}`;
  const before = running.get(key) ?? Promise.resolve();
  const mine = before
    .catch(() => undefined)
    .then(async () => {
      const stored = await findReference(services.sql, caller.acct, body.reference_id);
      if (stored !== null) return replay(stored, routeName, body);
      return work((sql, answer) =>
        insertReference(sql, {
          acct: caller.acct,
          referenceId: body.reference_id,
          route: routeName,
          body,
          status: answer.status,
          answer: answer.body,
          at: services.clock.now(),
        }),
      );
    });
  running.set(key, mine);
  try {
    return await mine;
  } finally {
    if (running.get(key) === mine) running.delete(key);
  }
}

function replay(
  stored: { readonly route: string; readonly body: unknown; readonly status: number; readonly answer: unknown },
  routeName: string,
  body: unknown,
): RouteAnswer {
  const diff = [
    ...(stored.route === routeName ? [] : [{ path: '(call)', before: stored.route, now: routeName }]),
    ...differences(withoutSignatures(stored.body), withoutSignatures(JSON.parse(JSON.stringify(body)))),
  ];
  if (diff.length > 0) throw new Problem('reference_conflict', { diff });
  const answer = typeof stored.answer === 'object' && stored.answer !== null ? stored.answer : {};
  return { status: stored.status, body: { ...answer, replayed: true } };
}

/** Two signatures over the same rows are the same write. */
function withoutSignatures(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'ledger_txs'));
}

export function dryRunAnswer(plan: WritePlan): RouteAnswer {
  return {
    status: 200,
    body: { state: 'dry_run', rows: plan.results, ledger_tx_bodies: plan.bodies.map((body) => toHex(encodeTxBody(body))), replayed: false },
  };
}

/** The studio's own signatures over exactly these rows, or the hosted key's. @throws {Problem} */
export function signedEnvs(
  call: RouteCall<{ readonly ledger_txs?: readonly string[] | undefined }>,
  bodies: readonly TxBody[],
): readonly TxEnv[] {
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
export async function waitForCertified(call: RouteCall<unknown>, txIds: readonly string[]): Promise<'sequenced' | 'certified'> {
  const until = call.services.clock.now() + call.prefer.waitSeconds * 1000;
  for (;;) {
    const statuses = await Promise.all(txIds.map((txId) => call.services.ledger.status(fromHex(txId, 32))));
    if (statuses.every((status) => status?.status === 'certified')) return 'certified';
    if (call.services.clock.now() >= until) return 'sequenced';
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
