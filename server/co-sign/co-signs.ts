/**
 * Signatures that supervisors give elsewhere (`cli -- co-sign`): taken when they are by a supervisor's key over exactly the bytes that wait,
 * kept, and then the step that asked for them is finished. A crash between the two loses nothing: the next turn of the clock finishes it, in
 * one database transaction with `done_at`, so that it is taken once.
 */
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { holdsRole } from '#ledger/node/membership.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { checkTxSig, keyRingOf, reachesThreshold } from '#ledger/state/signers.ts';
import { addSignature } from '#ledger/tx/sign.ts';
import { type CoSignKind, rolesToSign } from '#sandbox/cases/co-sign.ts';
import type { Ground } from '#server/context.ts';
import type { Tx } from '#server/db.ts';
import { RefusalError } from '#server/refusal.ts';
import {
  addToEnv,
  type CoSign,
  type Ending,
  findCoSign,
  listOpenCoSigns,
  markDeclined,
  markDone,
  markEnded,
  markSigned,
} from './co-sign.repo.ts';
import { CO_SIGN_REFUSALS, refuseCoSign } from './co-sign-codes.ts';

/** One kind of step. Both throw the `RefusalError` that the page would show today. */
export type CoSignStep = {
  /** @throws {RefusalError} it could not be taken now */
  check(request: CoSign): Promise<void>;
  /** `also` belongs into the commit of the step. @throws {RefusalError} */
  finish(request: CoSign, env: TxEnv, also: (tx: Tx) => Promise<void>): Promise<void>;
};

export interface CoSigns {
  /** What can be signed now by this account. Requests whose step cannot be taken any more end by being looked at. */
  list(signer: Bytes): Promise<readonly CoSign[]>;
  /** @throws {RefusalError} with one of CO_SIGN_REFUSALS */
  sign(coSignId: string, sig: TxSig): Promise<CoSign>;
  /** @throws {RefusalError} */
  decline(coSignId: string, signer: Bytes, reason: string): Promise<CoSign>;
  /** Taken back by those who asked. `by`: who, in words. @throws {RefusalError} */
  withdraw(coSignId: string, by: string): Promise<CoSign>;
  /** Finishes what is signed, ends what is over. @returns how many steps came */
  turn(): Promise<number>;
}

type CoSignGround = Pick<Ground, 'sql' | 'clock' | 'ledger' | 'log'>;

const EXPIRED: Ending = { code: 'co_sign_expired', message: CO_SIGN_REFUSALS.co_sign_expired.message };

/** Another turn has finished it. */
class DoneBefore extends Error {}

export function openCoSigns(ground: CoSignGround, steps: Readonly<Record<CoSignKind, CoSignStep>>): CoSigns {
  const { sql, clock, ledger, log } = ground;
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: a signature that arrives and the clock would else finish the same step. */
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  const end = (request: CoSign, why: Ending) => markEnded(sql, { coSignId: request.coSignId, at: clock.now() }, why);
  const find = async (coSignId: string): Promise<CoSign> => {
    const request = await findCoSign(sql, coSignId);
    if (request === null) throw refuseCoSign('co_sign_unknown', { coSignId });
    return request;
  };
  const requireWaiting = async (coSignId: string): Promise<CoSign> => {
    const request = await find(coSignId);
    if (request.state !== 'waiting') throw refuseCoSign('co_sign_answered', { state: request.state });
    if (clock.now() < request.until) return request;
    await end(request, EXPIRED);
    throw refuseCoSign('co_sign_expired');
  };

  /** @returns whether the request is over now, with its step or without */
  async function finish(request: CoSign): Promise<boolean> {
    const { coSignId, kind, signedEnv } = request;
    assert(signedEnv !== null, 'a signed request keeps what was signed');
    if (clock.now() >= request.until) return end(request, EXPIRED);
    try {
      await steps[kind].finish(request, signedEnv, async (tx) => {
        if (!(await markDone(tx, { coSignId, at: clock.now() }))) throw new DoneBefore();
      });
      return true;
    } catch (error) {
      if (error instanceof DoneBefore) return false;
      if (!isFinal(error)) {
        log.error({ error, coSignId }, "couldn't take a step that a supervisor has signed; the next turn tries again");
        return false;
      }
      return end(request, error);
    }
  }

  async function stillPossible(request: CoSign): Promise<boolean> {
    if (clock.now() >= request.until) {
      await end(request, EXPIRED);
      return false;
    }
    try {
      await steps[request.kind].check(request);
      return true;
    } catch (error) {
      if (!isFinal(error)) return true;
      await end(request, error);
      return false;
    }
  }

  const hasSigned = ({ env }: Pick<CoSign, 'env'>, acct: Bytes) => env?.sigs.some((each) => equalBytes(each.acct, acct)) === true;
  const maySign = ({ body }: CoSign, acct: Bytes) => rolesToSign(body.op).some((role) => holdsRole(ledger.config, role, acct));
  /** By an account of each role that has to sign elsewhere. */
  const isComplete = ({ body, sigs }: TxEnv) =>
    rolesToSign(body.op).every((role) => sigs.some(({ acct }) => holdsRole(ledger.config, role, acct)));

  /** By a key of one who has to sign, over this LedgerTx of this chain. @throws {RefusalError} */
  function signedBy(request: CoSign, sig: TxSig): TxEnv {
    if (!maySign(request, sig.acct)) throw refuseCoSign('co_sign_not_supervisor');
    const ring = keyRingOf(ledger.pending, sig.acct);
    if (ring === null) throw refuseCoSign('co_sign_not_supervisor');
    const verify = (key: Uint8Array, message: Uint8Array, bytes: Uint8Array) => ledger.sm2.verify(key, message, bytes);
    const check = checkTxSig(sig, ring, 'PLP1/txsig', fromHex(request.txId, 32), { chain: ledger.chain, verify });
    if (check.kind === 'rejected') throw refuseCoSign('co_sign_signature_invalid', { ledgerCode: check.code });
    if (!reachesThreshold(ring.policy, [check.key])) throw refuseCoSign('co_sign_signature_invalid', { ledgerCode: 'role_missing' });
    const { body, env } = request;
    if (hasSigned(request, sig.acct)) throw refuseCoSign('co_sign_answered', { state: 'signed' });
    return env === null ? { body, sigs: [sig] } : addSignature(env, sig);
  }

  return {
    list: (signer) =>
      inLine(async () => {
        const open: CoSign[] = [];
        for (const request of await listOpenCoSigns(sql)) {
          const isTheirs = request.state === 'waiting' && maySign(request, signer) && !hasSigned(request, signer);
          if (isTheirs && (await stillPossible(request))) open.push(request);
        }
        return open;
      }),
    sign: (coSignId, sig) =>
      inLine(async () => {
        const request = await requireWaiting(coSignId);
        const env = signedBy(request, sig);
        if (!(await stillPossible(request))) return find(coSignId);
        if (!isComplete(env)) {
          if (!(await addToEnv(sql, coSignId, env))) throw refuseCoSign('co_sign_answered');
        } else {
          const isOurs = await markSigned(sql, { coSignId, at: clock.now() }, toHex(sig.acct), env);
          if (!isOurs) throw refuseCoSign('co_sign_answered');
          await finish(await find(coSignId));
        }
        return find(coSignId);
      }),
    decline: (coSignId, signer, reason) =>
      inLine(async () => {
        if (!maySign(await requireWaiting(coSignId), signer)) throw refuseCoSign('co_sign_not_supervisor');
        const isOurs = await markDeclined(sql, { coSignId, at: clock.now() }, toHex(signer), reason);
        if (!isOurs) throw refuseCoSign('co_sign_answered');
        return find(coSignId);
      }),
    withdraw: (coSignId, by) =>
      inLine(async () => {
        const isOurs = await end(await requireWaiting(coSignId), { code: 'co_sign_withdrawn', message: by });
        if (!isOurs) throw refuseCoSign('co_sign_answered');
        return find(coSignId);
      }),
    turn: () =>
      inLine(async () => {
        let steps = 0;
        for (const request of await listOpenCoSigns(sql)) {
          const isOver = request.state === 'signed' ? await finish(request) : request.until <= clock.now() && (await end(request, EXPIRED));
          if (isOver) steps++;
        }
        return steps;
      }),
  };
}

/** What no later turn would take either; a database or a ledger that is away comes back. */
function isFinal(error: unknown): error is RefusalError {
  return error instanceof RefusalError && error.kind !== 'unavailable';
}
