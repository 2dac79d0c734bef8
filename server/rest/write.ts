/** What every write shares: the first answer to a reference is the answer for ever. */
import type { TransactionSql } from 'postgres';
import { accountIdBytes, parseAccountId } from '#ledger/primitives/ids.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import { findSightings } from '#server/takeover/takeover.repo.ts';
import { differences, findReference, insertReference, type StoredAnswer } from '../studio/references.ts';
import type { Answered, knownBefore } from './answers.schema.ts';
import { openLines } from './lines.ts';
import { Problem } from './problems.ts';
import type { RouteAnswer, RouteCall } from './router.ts';

/** Keeps the answer beside the effects, in the same database transaction. */
export type Keep<Answer> = (sql: TransactionSql, answer: RouteAnswer<Answer>) => Promise<void>;
export type KnownBefore = Answered<typeof knownBefore>;
export type WriteBody = { readonly reference_id: string; readonly dry_run: boolean };

const lines = openLines();

/** One at a time per reference: a repetition that arrives during the first call waits for its answer. */
export async function answerOnce<Body extends WriteBody, Answer extends object>(
  call: RouteCall<Body>,
  routeName: string,
  work: (keep: Keep<Answer>) => Promise<RouteAnswer<Answer>>,
): Promise<RouteAnswer<Answer | KnownBefore>> {
  const { body, caller, services } = call;
  if (body.dry_run) return work(() => Promise.resolve());
  return lines(`${caller.acct} ${body.reference_id}`, async () => {
    const stored = await findReference<Answer>(services.sql, caller.acct, body.reference_id);
    if (stored !== null) return replay(stored, routeName, body);
    const known = await findBefore(call);
    if (known !== null) return known;
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
}

/** A market that was taken over has no answers from before, but the ledger has the writes: they are named, and nothing is done twice. */
async function findBefore<Body extends WriteBody>({ body, caller, services }: RouteCall<Body>): Promise<RouteAnswer<KnownBefore> | null> {
  const acct = accountIdBytes(parseAccountId(caller.acct));
  const txIds = await findSightings(services.sql, acct, saltFromReference(acct, body.reference_id));
  if (txIds.length === 0) return null;
  return { status: 200, body: { reference_id: body.reference_id, tx_ids: txIds, replayed: true } };
}

function replay<Answer extends object>(stored: StoredAnswer<Answer>, routeName: string, body: unknown): RouteAnswer<Answer> {
  const diff = [
    ...(stored.route === routeName ? [] : [{ path: '(call)', before: stored.route, now: routeName }]),
    ...differences(withoutSignatures(stored.body), withoutSignatures(JSON.parse(JSON.stringify(body)))),
  ];
  if (diff.length > 0) throw new Problem('reference_conflict', { diff });
  return { status: stored.status, body: { ...stored.answer, replayed: true } };
}

/** Two signatures over the same rows are the same write. */
function withoutSignatures(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'ledger_txs'));
}
