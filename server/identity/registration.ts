/** Joining (product P-01 to P-03): code, real name, account on the ledger. Each step is durable before it is answered. */
import type { AccountOpenOp } from '#ledger/codec/op-types.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { OpenField } from '#ledger/merkle/field-tree.ts';
import type { SealedEnvelope } from '#ledger/node/envelope-vault.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdOf } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { parseTxEnv } from '#ledger/tx/parse.ts';
import type { Clock } from '#server/clock.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Sql } from '#server/db.ts';
import { drawBelow, type Random } from '#server/random.ts';
import { completedYears, readIdNumber } from './id-number.ts';
import type { Identity, IdentityRefusal, IdentityRefusalCode, RegisterInput, VerifyIdentityInput } from './identity.ts';
import { commitIdentity, fieldsToText, identityEnvelope } from './kyc.ts';
import { recordScreening } from './list-reviews.ts';
import { isPlayerPolicy, recoveryKeysOf } from './player-policy.ts';
import {
  deleteCode,
  findRegistration,
  findTaken,
  insertCode,
  insertPlayer,
  insertRegistration,
  type Registration,
  takeTry,
} from './players.repo.ts';
import type { RealNameProvider } from './real-name-provider.ts';
import type { RecordKey } from './sealed-record.ts';
import type { SmsGateway } from './sms-gateway.ts';

export type RegistrationGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  /** Sessions live by it. */
  readonly machineClock?: Clock;
  readonly random: Random;
  readonly ledger: LedgerNode;
  readonly recordKey: RecordKey;
  readonly provider: RealNameProvider;
  readonly sms: SmsGateway;
};

export const AGREEMENT_VERSION = '2026-11';
export const ADULT_YEARS = 18;
const OWN_CONSENT_YEARS = 14;
const CODE_LIFE_MS = 5 * 60_000;
const REGISTRATION_LIFE_MS = 30 * 60_000;
const PLAYER_KIND = 0;

export function rejected(code: IdentityRefusalCode, facts?: Readonly<Record<string, string>>): IdentityRefusal {
  return facts === undefined ? { kind: 'rejected', code } : { kind: 'rejected', code, facts };
}

/** 11 digits of a mainland mobile number, or `null`. */
export function readPhone(input: string): string | null {
  const digits = input
    .normalize('NFKC')
    .replaceAll(/[\s-]/g, '')
    .replace(/^(?:\+86|0086)/, '');
  return /^1[3-9]\d{9}$/.test(digits) ? digits : null;
}

export async function requestCode(ground: RegistrationGround, phoneText: string): ReturnType<Identity['requestCode']> {
  const phone = readPhone(phoneText);
  if (phone === null) return rejected('phone_malformed');
  const { sql, clock, random, recordKey, sms } = ground;
  const now = clock.now();
  const code = String(drawBelow(random, 1_000_000)).padStart(6, '0');
  const expiresAt = instant(now + CODE_LIFE_MS);
  const phoneHash = recordKey.hash('phone', phone);
  const isNew = await insertCode(sql, {
    phoneHash,
    codeHash: recordKey.hash('code', `${phone} ${code}`),
    now,
    expiresAt,
  });
  if (!isNew) return rejected('code_sent_just_now');
  const outcome = await sms.sendCode(phone, code, CODE_LIFE_MS / 60_000);
  if (outcome !== 'sent') {
    // No phone has it: whoever asks again need not wait for a minute.
    await deleteCode(sql, phoneHash);
    return rejected(outcome === 'refused' ? 'sms_refused' : 'sms_unavailable');
  }
  return { kind: 'sent', expiresAt, shownCode: sms.isSimulated ? code : null };
}

async function checkCode(ground: RegistrationGround, phone: string, code: string): Promise<IdentityRefusalCode | null> {
  const row = await takeTry(ground.sql, ground.recordKey.hash('phone', phone), ground.clock.now());
  if (row === null) return 'code_unknown';
  if (row.tries_left === 0) return 'code_tries_exceeded';
  return equalBytes(row.code_hash, ground.recordKey.hash('code', `${phone} ${code}`)) ? null : 'code_wrong';
}

export async function verifyIdentity(ground: RegistrationGround, input: VerifyIdentityInput): ReturnType<Identity['verifyIdentity']> {
  const { sql, clock, random, recordKey, provider, ledger } = ground;
  const phone = readPhone(input.phone);
  if (phone === null) return rejected('phone_malformed');
  const name = input.realName.normalize('NFC').trim();
  if (!/^[\p{L}·. ]{2,40}$/u.test(name)) return rejected('real_name_malformed');
  const id = readIdNumber(input.idNumber);
  if (id === null) return rejected('id_number_malformed');
  const codeRefusal = await checkCode(ground, phone, input.code);
  if (codeRefusal !== null) return rejected(codeRefusal);
  // PIPL art. 31 (CN-PI-02): of who is younger nothing is kept or asked without a guardian, and no door here takes a guardian's consent.
  if (completedYears(id.birthDate, beijingDate(clock.now())) < OWN_CONSENT_YEARS) return rejected('guardian_consent_missing');
  const phoneHash = recordKey.hash('phone', phone);
  const personHash = recordKey.hash('person', id.text);
  const taken = await findTaken(sql, { phoneHash, personHash });
  if (taken !== null) return rejected(taken);
  const answer = await provider.verify(name, id.text, phone);
  if (answer === 'mismatch') return rejected('real_name_mismatch');
  const screened = answer === 'unavailable' ? answer : await provider.screen(name, id.text);
  if (screened === 'unavailable') return rejected('real_name_unavailable');

  const now = clock.now();
  const isAdult = completedYears(id.birthDate, beijingDate(now)) >= ADULT_YEARS;
  const { root, fields } = commitIdentity({ name, idNumber: id.text, isAdult, level: 1, provider: provider.name, verifiedAt: now }, random);
  const registrationId = `reg_${toHex(random.bytes(16))}`;
  const record = recordKey.seal(registrationId, `${phone}\n${fieldsToText(fields)}`);
  const expiresAt = instant(now + REGISTRATION_LIFE_MS);
  const { birthDate } = id;
  const envelope = sealIdentity(ground, random.bytes(16), fields);
  const registration = { registrationId, phoneHash, personHash, birthDate, commitment: root, provider: provider.name, verifiedAt: now };
  await sql.begin(async (tx) => {
    await insertRegistration(tx, { ...registration, ...record, envelope, screened }, expiresAt);
    // The supervisors' keys of today are granted now; whoever opens the account tomorrow names an envelope of today.
    await ledger.envelopes.persist(tx, []);
  });
  // A code opens one door: it ends with the first check that it passes.
  await deleteCode(sql, phoneHash);
  return { kind: 'verified', registrationId, kyc: root, env: envelope.hash, salt: envelope.ref, isAdult, expiresAt };
}

export function sealIdentity({ ledger, clock }: RegistrationGround, ref: Bytes, fields: readonly OpenField[]): SealedEnvelope {
  const [envelope] = ledger.envelopes.seal([identityEnvelope(ref, fields)], BigInt(clock.now()));
  assert(envelope !== undefined, 'one person, one envelope');
  return envelope;
}

class Refused extends Error {
  readonly refusal: IdentityRefusal;
  constructor(refusal: IdentityRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

export type NewAccount = {
  readonly registration: Registration;
  readonly displayName: string;
  readonly agreementVersion: string;
  readonly level: 'R1' | 'R2';
  readonly hasRecovery: boolean;
  readonly isDemonstration: boolean;
};

/** The account that the browser may open, in the words of `account_open_invalid` when it is not that one. */
function findFault(ground: RegistrationGround, env: TxEnv, op: AccountOpenOp, registration: Registration): string | null {
  if (env.sigs.length !== 1) return 'one signature, by the device key';
  if (op.accountKind !== PLAYER_KIND) return 'kind 0';
  if (!isPlayerPolicy(op.policy, recoveryKeysOf(ground.ledger))) return 'the default player policy';
  if (!equalBytes(op.kyc, registration.commitment)) return 'the commitment of this registration';
  const { hash, ref } = registration.envelope;
  return equalBytes(op.env, hash) && equalBytes(env.body.salt, ref) ? null : 'the envelope of this registration, with its salt';
}

export async function register(
  ground: RegistrationGround,
  input: Omit<RegisterInput, 'device'>,
): Promise<{ readonly kind: 'opened'; readonly acct: AccountId } | IdentityRefusal> {
  const displayName = input.displayName.normalize('NFC').trim();
  if (!/^[\p{L}\p{N}_-]{2,20}$/u.test(displayName)) return rejected('display_name_invalid');
  if (input.agreementVersion !== AGREEMENT_VERSION) return rejected('agreement_outdated', { version: AGREEMENT_VERSION });
  const registration = await findRegistration(ground.sql, input.registrationId, ground.clock.now());
  if (registration === null) return rejected('registration_unknown');
  const taken = await findTaken(ground.sql, { phoneHash: registration.phoneHash, personHash: registration.personHash, displayName });
  if (taken !== null) return rejected(taken);
  const parsed = parseTxEnv(input.accountOpen);
  if (parsed.kind === 'rejected') return rejected('account_open_invalid', { reason: parsed.code });
  const account = {
    registration,
    displayName,
    agreementVersion: input.agreementVersion,
    level: 'R1',
    hasRecovery: false,
    isDemonstration: false,
  } as const;
  return openAccount(ground, parsed.env, account);
}

/** Gives the AccountOpen its place and stores the person, in one database transaction. */
export async function openAccount(
  ground: RegistrationGround,
  env: TxEnv,
  account: NewAccount,
): Promise<{ readonly kind: 'opened'; readonly acct: AccountId } | IdentityRefusal> {
  const { ledger, recordKey, clock } = ground;
  const { op } = env.body;
  if (op.kind !== 'account_open') return rejected('account_open_invalid', { expected: 'an AccountOpen' });
  const fault = findFault(ground, env, op, account.registration);
  if (fault !== null) return rejected('account_open_invalid', { expected: fault });
  const acct = accountIdOf(accountIdFromPolicy(op.policy));
  const { registration } = account;
  const text = recordKey.open(registration.registrationId, registration);
  const now: Instant = clock.now();
  try {
    await sequenceOutside(ground, [ledger.operator.coSign(env)], async (tx, [result]) => {
      if (result === undefined || result.kind === 'rejected') throw new Refused(refusalOf(result?.code ?? 'missing'));
      await ledger.envelopes.persist(tx, [registration.envelope]);
      await insertPlayer(tx, { ...account, acct, now, record: recordKey.seal(acct, text) });
      const { screened: answer, provider } = registration;
      if (answer !== null) await recordScreening(ground, tx, { acct, at: now, occasion: 'registration', provider, answer, declared: null });
    });
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    const taken = takenBy(error);
    if (taken !== null) return rejected(taken);
    throw error;
  }
  return { kind: 'opened', acct };
}

function refusalOf(ledgerCode: string): IdentityRefusal {
  return ledgerCode === 'account_exists' ? rejected('account_taken') : rejected('account_open_invalid', { reason: ledgerCode });
}

/** Two registrations at once: the unique index refuses the second. */
function takenBy(error: unknown): IdentityRefusalCode | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505' || !('constraint_name' in error)) return null;
  if (error.constraint_name === 'players_phone_hash_key') return 'phone_taken';
  if (error.constraint_name === 'players_person_hash_key') return 'id_number_taken';
  if (error.constraint_name === 'players_display_name') return 'display_name_taken';
  return error.constraint_name === 'players_pkey' ? 'account_taken' : null;
}
