/**
 * Where a page's step needs a supervisor whose key this market does not hold, it writes down what is to be signed and goes on when the
 * signature has come (`co-signs.ts`). On a demonstration chain nobody waits: its supervisor's key is published.
 */
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { type CoSignKind, readCoSign } from '#sandbox/cases/co-sign.ts';
import type { Ground } from '#server/context.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { CoSignView } from '#server/trpc/views.ts';
import { type CoSign, type CoSignRequest, insertCoSign, listCoSignsOf } from './co-sign.repo.ts';
import { refuseCoSign } from './co-sign-codes.ts';

type AskGround = Pick<Ground, 'sql' | 'clock' | 'random' | 'ledger'>;

const BEFORE_MS = 10 * 60_000;
/** A LedgerTx holds for a day at most; people elsewhere get as much of it as there is. */
const HOLDS_MS = 23 * 3_600_000;

/** How long a LedgerTx holds that somebody elsewhere has to sign. */
export const windowToSign = (now: Instant): Pick<TxBody, 'notBefore' | 'notAfter'> => ({
  notBefore: BigInt(now - BEFORE_MS),
  notAfter: BigInt(now + HOLDS_MS),
});

/** @throws {RefusalError} `co_sign_waiting`, `co_sign_ledger_refused` */
export async function askCoSign(ground: AskGround, request: CoSignRequest): Promise<void> {
  const { sql, clock, random, ledger } = ground;
  const against = await objectionBeforeSupervisor(ledger, request.body, request.env);
  if (against !== null) throw refuseCoSign('co_sign_ledger_refused', { ledgerCode: against });
  const isNew = await insertCoSign(sql, {
    ...request,
    coSignId: `cos_${toHex(random.bytes(16))}`,
    about: readCoSign(ledger.chain, request.body, request.paper),
    askedAt: clock.now(),
    until: instant(Number(request.body.notAfter)),
  });
  if (!isNew) throw refuseCoSign('co_sign_waiting');
}

class OnlyTried extends Error {}

/** What the ledger has against it but the signature that is asked for; null: nothing. Changes nothing. */
export async function objectionBeforeSupervisor(
  ledger: Pick<LedgerNode, 'runGroup'>,
  body: TxBody,
  env: TxEnv | null,
): Promise<string | null> {
  let found: string | null = null;
  const trial = ledger.runGroup((group) => {
    const result = group.apply(env ?? { body, sigs: [] });
    found = result.kind === 'rejected' ? result.code : 'signed_already';
    throw new OnlyTried();
  });
  await trial.catch((error: unknown) => {
    if (!(error instanceof OnlyTried)) throw error;
  });
  return found === 'role_missing' ? null : found;
}

/** As pages show it: what waits, and what has ended without its step since `since`. */
export async function coSignViews(sql: Queryable, kind: CoSignKind, subjectId: string, since: Instant): Promise<readonly CoSignView[]> {
  const rows = await listCoSignsOf(sql, kind, subjectId);
  return rows.filter(({ doneAt, askedAt }) => doneAt === null && askedAt >= since).map(coSignView);
}

export function coSignView(row: CoSign): CoSignView {
  const { coSignId, kind, step, txId, about, askedBy, askedAt, until, state, answeredAt, reason, endCode } = row;
  return {
    ...{ coSignId, kind, step, txId, about, askedBy, state, reason, endCode },
    ...{ askedAt: toIso(askedAt), until: toIso(until), answeredAt: answeredAt === null ? null : toIso(answeredAt) },
    isDone: row.doneAt !== null,
  };
}
