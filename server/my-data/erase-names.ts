/**
 * The end of keeping (product P-46, rulebook 4.7, CN-AML-05): ten years, or what the pack in force says, after an account was closed its holder's real name is destroyed. First
 * PayloadErased is on the ledger, signed by operator and supervisor; when it is final every member destroys the sealed identity, and this
 * market its own record, card and keyed hashes. The commitment stays, so receipts and passports hold; nobody can open it any more.
 */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, fromUtf8, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { RecordKey } from '#server/identity/sealed-record.ts';
import { windowAt } from '#server/studio/write-plan.ts';
import { type ClosedAccount, destroyPerson, findOpeningEntry, listDue, saveErasure } from './erasures.repo.ts';

const BASIS_FORMAT = 'daoju.erasure/1';
/** Nobody is born then; a date of birth is personal as well. */
const NO_BIRTH_DATE = '9999-12-31';
const PER_TURN = 20;

export type ErasureGround = Pick<Ground, 'sql' | 'clock' | 'random' | 'log' | 'ledger'> & { readonly recordKey: Pick<RecordKey, 'hash'> };

/** @returns how many names were destroyed or asked to be; what waits for its block is destroyed by a later turn */
export async function eraseNames(ground: ErasureGround): Promise<number> {
  const { sql, clock } = ground;
  const now = clock.now();
  let steps = 0;
  for (const account of await listDue(sql, yearsBefore(now, clocksAt(ground.ledger, now).retentionYears), now, PER_TURN)) {
    if (await eraseOne(ground, account, now)) steps += 1;
  }
  return steps;
}

/** The same day of the calendar; 29 February becomes 1 March, later by a day. */
function yearsBefore(now: Instant, years: number): Instant {
  const date = new Date(now);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return instant(date.getTime());
}

async function eraseOne(ground: ErasureGround, account: ClosedAccount, now: Instant): Promise<boolean> {
  const { ledger } = ground;
  const env = await sealedIdentityOf(ground, account.acct);
  // Opened before names were sealed for supervisors: no member has anything of it.
  if (env === null || ledger.certified.state.record(RECORD.erased, env) !== null) {
    await destroyHere(ground, account.acct, now);
    return true;
  }
  return ledger.pending.record(RECORD.erased, env) === null && (await askLedger(ground, account, env, now));
}

/** The hash of the envelope that the account's AccountOpen names. */
async function sealedIdentityOf({ sql, ledger }: ErasureGround, acct: AccountId): Promise<Bytes | null> {
  const last = ledger.certified.state.accountById(accountIdBytes(acct))?.lastEntry;
  const inLast = last === undefined ? null : await openingAt(ledger, last);
  if (inLast !== null) return isZero(inLast) ? null : inLast;
  const first = await findOpeningEntry(sql, acct);
  const inFirst = first === null ? null : await openingAt(ledger, first);
  return inFirst === null || isZero(inFirst) ? null : inFirst;
}

async function openingAt(ledger: ErasureGround['ledger'], index: bigint): Promise<Bytes | null> {
  const op = (await ledger.entry(index))?.entry.env.body.op;
  return op?.kind === 'account_open' ? op.env : null;
}

async function askLedger(ground: ErasureGround, { acct, closedAt }: ClosedAccount, env: Bytes, now: Instant): Promise<boolean> {
  const { ledger, random, log } = ground;
  if (ledger.demo === null) {
    log.warn({ acct }, 'the term of a closed account is over: the supervisor signs the erasure at its own node');
    return false;
  }
  const basis = canonicalBytes({
    schema: BASIS_FORMAT,
    acct,
    closedAt: toIso(closedAt),
    retentionYears: clocksAt(ledger, now).retentionYears,
    rule: 'CN-AML-05',
  });
  const op = { kind: 'payload_erased' as const, env, basis: sm3(basis) };
  const [first] = ledger.operator.batchSign([{ chain: ledger.chain, salt: random.bytes(16), ...windowAt(now), op }]);
  if (first === undefined) return false;
  const [result] = await sequenceOutside(ground, [ledger.demo.supervisor.coSign(first)], async (tx, [done]) => {
    if (done?.kind !== 'sequenced') return;
    await saveErasure(tx, { acct, txId: done.txId, env, basisSm3: toHex(op.basis), basis: fromUtf8(basis), askedAt: now });
  });
  if (result?.kind === 'rejected') log.error({ acct, code: result.code }, 'the ledger does not take the erasure of a closed account');
  return result?.kind === 'sequenced';
}

async function destroyHere({ sql, recordKey }: ErasureGround, acct: AccountId, now: Instant): Promise<void> {
  await sql.begin((tx) =>
    destroyPerson(
      tx,
      acct,
      {
        // They have to differ from everybody's and stand for nobody's.
        phoneHash: recordKey.hash('phone', `erased ${acct}`),
        personHash: recordKey.hash('person', `erased ${acct}`),
        birthDate: NO_BIRTH_DATE,
      },
      now,
    ),
  );
}
