/**
 * A studio joins (product T-01): `applied` with the organisation's certificate, `verified` by a person at the desk, `active` when its account
 * is open on the ledger; chain and revocation lists are looked at again every six months, and what no longer holds is `suspended`. Its
 * keys work from the first minute, for reads and dry runs; writes count while it is active.
 */
import { ROLE } from '#ledger/codec/config.ts';
import { decodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import { holdsRole } from '#ledger/node/membership.ts';
import { findNamePart, findPem, OID, parseCertificate } from '#ledger/pki/certificate.ts';
import { type Bytes, equalBytes, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { accountIdBytes, accountIdOf, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy, policyHash } from '#ledger/tx/ids.ts';
import { isContactPhone, maskPhone } from '#sandbox/studios/contact-phone.ts';
import { isCreditCode } from '#sandbox/studios/credit-code.ts';
import { type JoinFacts, joinMessage } from '#sandbox/studios/join-document.ts';
import { askCoSign, coSignViews, objectionBeforeSupervisor } from '#server/co-sign/ask.ts';
import type { CoSignStep } from '#server/co-sign/co-signs.ts';
import type { Services } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Sql, Tx } from '#server/db.ts';
import type { TrustedCertificate } from '#server/pki/pki.ts';
import type { StudioJoined, StudioJoinStatus } from '#server/trpc/views.ts';
import { insertStudio } from '../studios.repo.ts';
import {
  type ApplicationRow,
  claimNames,
  findApplication,
  insertApplication,
  isStudio,
  listDueChecks,
  moveApplication,
} from './join.repo.ts';
import { refuseJoin } from './join-codes.ts';

export type JoinGround = Pick<Services, 'sql' | 'clock' | 'random' | 'ledger' | 'pki'>;
export type JoinWish = JoinFacts & {
  /** PEM: the organisation's certificate first, then its authorities, and their revocation lists anywhere. */
  readonly pem: string;
  readonly signature: string;
};

const STUDIO_KIND = 1;
const KEYS_LAST_MS = 365 * 24 * 3_600_000;
const RECHECK_MONTHS = 6;

export async function applyToJoin(ground: JoinGround, { pem, signature, ...facts }: JoinWish): Promise<StudioJoined> {
  const { sql, clock, random, ledger } = ground;
  if (!isCreditCode(facts.creditCode)) throw refuseJoin('credit_code_malformed');
  if (facts.phone !== undefined && !isContactPhone(facts.phone)) throw refuseJoin('studio_phone_malformed');
  const { leaf, isLicensed } = await trustPem(ground, pem);
  const names = [facts.nameZh, facts.nameEn];
  const named = findNamePart(leaf.subject, OID.organization);
  if (named === null || !names.includes(named)) throw refuseJoin('join_name_mismatch', { named: named ?? '' });
  if (!names.includes(facts.payout.holder)) throw refuseJoin('payout_holder_mismatch');
  const sig = fromHex(signature, 64);
  if (!ledger.sm2.verify(leaf.publicKey, joinMessage(toHex(ledger.chain), toHex(leaf.fingerprint), facts), sig))
    throw refuseJoin('join_signature_invalid');
  // The account is that of the certificate's key, so that one signature speaks for both.
  const acct = accountIdOf(accountIdFromPolicy(singleKeyPolicy(leaf.publicKey)));
  if (await isStudio(sql, acct)) throw refuseJoin('studio_known');
  const applicationId = `app_${toHex(random.bytes(16))}`;
  const readKey = `read_${toHex(random.bytes(24))}`;
  const writeKeyId = `${applicationId}-write`;
  const at = clock.now();
  await insertStudio(sql, {
    ...{
      acct,
      nameZh: facts.nameZh,
      nameEn: facts.nameEn,
      tier: 'standard',
      isHosted: false,
      at,
      keysExpireAt: instant(at + KEYS_LAST_MS),
    },
    writeKey: { keyId: writeKeyId, publicKey: fromHex(facts.restKey, 64) },
    readKey: { keyId: `${applicationId}-read`, secretSm3: sm3(utf8(readKey)) },
    also: async (tx) => {
      const row = { ...facts, applicationId, acct, certificate: leaf.der, isLicensed, signature: sig, at };
      if (!(await insertApplication(tx, row))) throw refuseJoin('credit_code_taken');
      if (!(await claimNames(tx, acct, facts))) throw refuseJoin('studio_name_taken');
    },
  });
  return { applicationId, acct, writeKeyId, readKey, isLicensed, state: 'applied' };
}

/** Chain and lists come with the application; a root does not: whom to trust is the operator's decision. */
async function trustPem({ pki, clock }: JoinGround, pem: string): Promise<TrustedCertificate> {
  const certificates = pemBlocks(pem, 'CERTIFICATE');
  const [own] = certificates;
  if (own === undefined) throw refuseJoin('join_certificate_missing');
  const taken = await pki.import({
    ...{ certificates, crls: pemBlocks(pem, 'X509 CRL'), trustsRoots: false, isLicensed: false, purpose: 'studio' },
  });
  if (taken.kind === 'rejected') throw refuseJoin('join_certificate_refused', { reason: taken.code });
  const answer = await pki.trust(own, 'signing', clock.now());
  if (answer.kind === 'rejected') throw refuseJoin('join_certificate_refused', { reason: answer.code });
  return answer;
}

function pemBlocks(pem: string, label: 'CERTIFICATE' | 'X509 CRL'): readonly Bytes[] {
  try {
    return findPem(pem, label);
  } catch (error) {
    if (error instanceof ParseError) throw refuseJoin('join_certificate_missing');
    throw error;
  }
}

export async function joinStatus({ sql }: Pick<JoinGround, 'sql'>, applicationId: string): Promise<StudioJoinStatus> {
  const row = await findApplication(sql, applicationId);
  if (row === null) throw refuseJoin('application_unknown');
  const { acct, state, reason, phone, is_licensed: isLicensed, applied_at: appliedAt, recheck_at: recheckAt } = row;
  return {
    applicationId,
    acct,
    state,
    reason,
    isLicensed,
    // Whoever has the number of the application reads this.
    phone: phone === null ? null : maskPhone(phone),
    appliedAt: appliedAt.toISOString(),
    recheckAt: recheckAt?.toISOString() ?? null,
    coSign: state === 'verified' ? ((await coSignViews(sql, 'studio_account', applicationId, instant(0)))[0] ?? null) : null,
  };
}

/**
 * The studio opens its account on the ledger: signed by itself, the operator, and a supervisor. From here on it may issue. Where the
 * supervisor's key is elsewhere, and it has not signed beforehand, the opening waits for it. @throws {RefusalError}
 */
export async function openStudioAccount(ground: JoinGround, applicationId: string, accountOpen: string): Promise<StudioJoinStatus> {
  const { sql, ledger } = ground;
  const row = await requireVerified(sql, applicationId);
  if (ledger.pending.accountById(accountIdBytes(parseAccountId(row.acct))) !== null) {
    await sql.begin((tx) => activate(tx, applicationId));
    return joinStatus(ground, applicationId);
  }
  const env = ledger.operator.coSign(readAccountOpen(row, accountOpen));
  const isComplete = env.sigs.some(({ acct }) => holdsRole(ledger.config, ROLE.supervisor, acct));
  if (ledger.demo !== null || isComplete) await enterOpening(ground, applicationId, ledger.demo?.supervisor.coSign(env) ?? env);
  else await askForOpening(ground, row, env);
  return joinStatus(ground, applicationId);
}

/** An opening that a supervisor signs elsewhere. */
export function awaitedOpening(ground: JoinGround): CoSignStep {
  return {
    check: async ({ subjectId }) => {
      await requireVerified(ground.sql, subjectId);
    },
    finish: async ({ subjectId }, env, also) => {
      await requireVerified(ground.sql, subjectId);
      await enterOpening(ground, subjectId, env, also);
    },
  };
}

async function requireVerified(sql: Sql, applicationId: string): Promise<ApplicationRow> {
  const row = await findApplication(sql, applicationId);
  if (row === null) throw refuseJoin('application_unknown');
  if (row.state !== 'verified') throw refuseJoin('application_state', { state: row.state });
  return row;
}

async function activate(tx: Tx, applicationId: string): Promise<void> {
  if (!(await moveApplication(tx, applicationId, ['verified'], { state: 'active', reason: null }))) throw refuseJoin('application_state');
}

async function enterOpening(ground: JoinGround, applicationId: string, env: TxEnv, also?: (tx: Tx) => Promise<void>): Promise<void> {
  await sequenceOutside(ground, [env], async (tx, [result]) => {
    if (result?.kind !== 'sequenced') throw refuseJoin('account_open_refused', { ledgerCode: result?.code ?? 'nothing' });
    await activate(tx, applicationId);
    await also?.(tx);
  });
}

/** What the ledger has against it is told at once, and not after a supervisor has signed. */
async function askForOpening(ground: JoinGround, row: ApplicationRow, env: TxEnv): Promise<void> {
  const against = await objectionBeforeSupervisor(ground.ledger, env.body, env);
  if (against !== null) throw refuseJoin('account_open_refused', { ledgerCode: against });
  const { name_zh: nameZh, name_en: nameEn, credit_code: creditCode, certificate, application_id: subjectId } = row;
  const kind = 'studio_account';
  const paper = { kind, nameZh, nameEn, creditCode, certificate: toBase64(new Uint8Array(certificate)) } as const;
  await askCoSign(ground, { kind, subjectId, step: '', body: env.body, env, paper, intent: {}, askedBy: nameEn });
}

function readAccountOpen({ certificate }: ApplicationRow, accountOpen: string): TxEnv {
  const policy = singleKeyPolicy(parseCertificate(new Uint8Array(certificate)).publicKey);
  try {
    const env = decodeTxEnv(fromHex(accountOpen));
    const { op } = env.body;
    if (op.kind === 'account_open' && op.accountKind === STUDIO_KIND && equalBytes(policyHash(op.policy), policyHash(policy))) return env;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
  }
  throw refuseJoin('account_open_mismatch');
}

/** A person at the desk has compared licences, code and payout account; chain and lists are checked once more. */
export async function verifyApplication({ clock, pki }: Pick<JoinGround, 'clock' | 'pki'>, tx: Tx, applicationId: string): Promise<void> {
  const row = await findApplication(tx, applicationId);
  if (row === null) throw refuseJoin('application_unknown');
  const now = clock.now();
  const answer = await pki.trust(new Uint8Array(row.certificate), 'signing', now);
  if (answer.kind === 'rejected') throw refuseJoin('join_certificate_refused', { reason: answer.code });
  const to = { state: 'verified' as const, reason: null, verifiedAt: now, recheckAt: monthsLater(now) };
  if (!(await moveApplication(tx, applicationId, ['applied', 'suspended'], to)))
    throw refuseJoin('application_state', { state: row.state });
}

/** Refused before it was verified, suspended after. */
export async function endApplication(tx: Tx, applicationId: string, act: string, reason: string): Promise<void> {
  const isMoved =
    act === 'closed'
      ? await moveApplication(tx, applicationId, ['applied'], { state: 'refused', reason })
      : await moveApplication(tx, applicationId, ['verified', 'active'], { state: 'suspended', reason });
  if (!isMoved) throw refuseJoin('application_state');
}

/** Twice a year: who is still trusted goes on, who is not is suspended with the reason. */
export async function recheckStudios({ sql, clock, pki }: Pick<JoinGround, 'sql' | 'clock' | 'pki'>): Promise<void> {
  const now = clock.now();
  for (const { application_id: id, certificate, state } of await listDueChecks(sql, now)) {
    const answer = await pki.trust(new Uint8Array(certificate), 'signing', now);
    const to =
      answer.kind === 'trusted'
        ? { state, reason: null, verifiedAt: now, recheckAt: monthsLater(now) }
        : { state: 'suspended' as const, reason: answer.code };
    await moveApplication(sql, id, [state], to);
  }
}

function monthsLater(at: Instant): Instant {
  const date = new Date(at);
  date.setUTCMonth(date.getUTCMonth() + RECHECK_MONTHS);
  return instant(date.getTime());
}
