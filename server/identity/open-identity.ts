/** Builds `Identity` over the database, the record key, the provider of real names and the trusted authorities. */
import { DEMONSTRATION_PLAYERS, DEMONSTRATION_STUDIO } from '#drizzle/seed/demonstration-keys.ts';
import { decodeWith } from '#ledger/codec/reader.ts';
import { demonstrationKeys, singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import { toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdOf } from '#ledger/primitives/ids.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import type { Ground } from '#server/context.ts';
import { signedBytes } from '#server/outbox/message.ts';
import { demonstrationStaff } from '#server/pki/demonstration-seed.ts';
import { openGroundPki } from '#server/pki/open-ground-pki.ts';
import type { Pki } from '#server/pki/pki.ts';
import { demonstrationPlayerAcct } from './demonstration.ts';
import { completedYears } from './id-number.ts';
import type { DemonstrationAccount, Identity, OpenedPerson, Player } from './identity.ts';
import { fieldsFromText } from './kyc.ts';
import { bindCard, checkEnhanced, openOwnRecords } from './levels.ts';
import { screenBeforePayout } from './list-reviews.ts';
import { RECOVERY_DELAY_MS, recoveryKeysOf } from './player-policy.ts';
import { findPlayer, findRecord, listNames, setRecovery, upsertHold } from './players.repo.ts';
import { type RealNameProvider, simulatedRealNameProvider } from './real-name-provider.ts';
import {
  ADULT_YEARS,
  AGREEMENT_VERSION,
  type RegistrationGround,
  register,
  rejected,
  requestCode,
  verifyIdentity,
} from './registration.ts';
import { openRecordKey } from './sealed-record.ts';
import { checkSeller } from './seller-checks.ts';
import { endSession, endStaffSession, extendStaffSession, findSession, insertStaffSession, listSessions } from './sessions.repo.ts';
import { confirmAgain, currentSigningKey, drawChallenge, drawToken, hashToken, openSession, signIn, takeChallenge } from './sessions.ts';
import { type SmsGateway, simulatedSmsGateway } from './sms-gateway.ts';
import { readStaffCertificate, watchCertificatesOfSessions } from './staff-certificates.ts';

export type IdentityOptions = {
  /** Holds `identity.key`. */
  readonly keysDir: string;
  /** Whom to trust; its own over the same tables when left out. */
  readonly pki?: Pki;
  readonly provider?: RealNameProvider;
  readonly sms?: SmsGateway;
};

const STAFF_IDLE_MS = 30 * 60_000;

export interface OpenedIdentity extends Identity {
  /** For the demonstration's start: opens the seeded players. */
  readonly ground: RegistrationGround;
}

export function openIdentity(
  base: Ground,
  { keysDir, provider = simulatedRealNameProvider, sms = simulatedSmsGateway, pki = openGroundPki(base) }: IdentityOptions,
): OpenedIdentity {
  const { sql, clock, machineClock = clock, random, ledger } = base;
  const ground: RegistrationGround = { sql, clock, machineClock, random, ledger, recordKey: openRecordKey(keysDir, random), provider, sms };
  const certificates = watchCertificatesOfSessions({ sql, clock, pki });
  const isDemonstration = ledger.genesis.demonstration === 1;
  const staff = isDemonstration ? demonstrationStaff(clock.now()) : [];
  const getExisting = async (acct: AccountId): Promise<Player> => {
    const player = await findPlayer(sql, acct, clock.now());
    if (player === null) throw new Error(`the player ${acct} is missing`);
    return player;
  };
  const openExisting = async (acct: AccountId): Promise<OpenedPerson> => {
    const person = await openPerson(ground, acct);
    if (person === null) throw new Error(`the record of ${acct} is missing`);
    return person;
  };
  const isAdult = (player: Player) => completedYears(player.birthDate, beijingDate(clock.now())) >= ADULT_YEARS;

  return {
    ground,
    policyTemplate: () => ({
      chain: toHex(ledger.chain),
      agreementVersion: AGREEMENT_VERSION,
      recoveryKeys: recoveryKeysOf(ledger).map(toHex),
      recoveryDelayMs: RECOVERY_DELAY_MS,
    }),
    requestCode: (phone) => requestCode(ground, phone),
    verifyIdentity: (input) => verifyIdentity(ground, input),
    register: async (input) => {
      const answer = await register(ground, input);
      if (answer.kind === 'rejected') return answer;
      return { kind: 'registered', player: await getExisting(answer.acct), session: await openSession(ground, answer.acct, input) };
    },
    bindCard: async (acct, cardText, proof) => {
      const refused = await bindCard(ground, { acct, ...(await openExisting(acct)) }, cardText, proof);
      return refused ?? { kind: 'bound', player: await getExisting(acct) };
    },
    checkEnhanced: async (acct, declaration, proof) => {
      const refused = await checkEnhanced(ground, { acct, ...(await openExisting(acct)) }, declaration, proof);
      return refused ?? { kind: 'passed', player: await getExisting(acct) };
    },
    checkSeller: async (acct, proof) => {
      const refused = await checkSeller(ground, { acct, ...(await openExisting(acct)) }, proof);
      return refused ?? { kind: 'passed', player: await getExisting(acct) };
    },
    screenBeforePayout: async (acct) => {
      const person = await openPerson(ground, acct);
      // Of an account that another market opened there is no record here to ask about.
      return person === null ? null : screenBeforePayout(ground, { acct, ...person });
    },
    confirmRecovery: (acct) => setRecovery(sql, acct),
    challenge: () => drawChallenge(ground),
    signIn: (input) => signIn(ground, input),
    confirm: (acct, format, facts, proof) => confirmAgain(ground, acct, { format, facts, proof }),
    signOut: async (sessionId) => {
      await endSession(sql, sessionId, null, machineClock.now());
    },
    listSessions: (acct, currentSessionId) => listSessions(sql, acct, currentSessionId, machineClock.now()),
    revokeSession: async (acct, sessionId) =>
      (await endSession(sql, sessionId, acct, machineClock.now())) ? { kind: 'revoked' } : rejected('session_unknown'),
    findPlayerSession: (token) => findSession(sql, hashToken(token), machineClock.now(), clock.now()),
    getPlayer: (acct) => findPlayer(sql, acct, clock.now()),
    getSigningKey: (acct) => {
      const key = currentSigningKey(ledger, acct);
      if (key === null) throw new Error(`the ledger knows no signing key of ${acct}`);
      return { keyEpoch: key.keyEpoch, keyIdx: key.keyIdx, publicKey: toHex(key.publicKey) };
    },
    isAdult,
    openPerson: (acct) => openPerson(ground, acct),
    openOwnRecords: (acct) => openOwnRecords(ground, acct),
    listDisplayNames: (accts) => listNames(sql, accts),
    staffSignIn: async (input) => {
      if (!(await takeChallenge(ground, input.challenge, input.issuedAt))) return rejected('challenge_unknown');
      const now = clock.now();
      const named = await readStaffCertificate(pki, input.certificate, now);
      if ('refusal' in named) return rejected(named.refusal, named.facts);
      const { challenge, issuedAt } = input;
      const { certificateSerial } = named.staff;
      const message = signedBytes('daoju.sign-in/1', { chain: toHex(ledger.chain), certificateSerial, challenge, issuedAt });
      if (!ledger.sm2.verify(named.publicKey, message, input.signature)) return rejected('sig_invalid');
      const { token, sessionId } = drawToken(random);
      const opened = machineClock.now();
      await insertStaffSession(sql, { sessionId, tokenHash: hashToken(token), now: opened, staff: named.staff });
      certificates.saw(sessionId, opened);
      return {
        kind: 'signed_in',
        staff: { sessionId, ...named.staff },
        session: { token, sessionId, expiresAt: instant(opened + STAFF_IDLE_MS) },
      };
    },
    staffSignOut: (sessionId) => endStaffSession(sql, sessionId, machineClock.now()),
    findStaffSession: async (token) => {
      const now = machineClock.now();
      const staff = await extendStaffSession(sql, hashToken(token), now, instant(now - STAFF_IDLE_MS));
      return staff !== null && (await certificates.livesOn(staff, now)) ? staff : null;
    },
    listDemonstrationAccounts: () => {
      if (!isDemonstration) return [];
      const people = DEMONSTRATION_PLAYERS.map(({ name, displayName }) =>
        published(name, { name: displayName, kind: 'player', role: null, acct: demonstrationPlayerAcct(ledger, name), certificate: null }),
      );
      const { account } = DEMONSTRATION_STUDIO;
      const studioAcct = accountIdOf(accountIdFromPolicy(singleKeyPolicy(demonstrationKeys(account).publicKey)));
      const officers = staff.map(({ name, role, certificate }) => {
        const isStudio = role === 'studio';
        const facts = { name, role, acct: isStudio ? studioAcct : null, certificate: toBase64(certificate) };
        return published(name, { ...facts, kind: isStudio ? 'studio' : 'staff' });
      });
      return [...people, ...officers];
    },
    holdPlayer: (tx, acct, hold) => upsertHold(tx, acct, hold),
  };
}

function published(keyName: string, facts: Omit<DemonstrationAccount, 'privateKey' | 'encPrivateKey'>): DemonstrationAccount {
  const keys = demonstrationKeys(keyName);
  const isPlayer = facts.kind === 'player';
  return { ...facts, privateKey: toHex(keys.privateKey), encPrivateKey: isPlayer ? toHex(keys.encPrivateKey) : null };
}

/** Opens the sealed record: the only place where the name and the number are read again. */
async function openPerson({ sql, recordKey }: RegistrationGround, acct: AccountId): Promise<OpenedPerson | null> {
  const record = await findRecord(sql, acct);
  if (record === null) return null;
  const [phone = NO_PHONE, ...lines] = recordKey.open(acct, record).split('\n');
  const values = fieldsFromText(lines.join('\n')).map(({ value }) => value);
  return { name: readText(values[1]), idNumber: readText(values[3]), phone: phone === NO_PHONE ? null : phone };
}

/** What stands in a record without a phone number. */
const NO_PHONE = '-';

function readText(value: Uint8Array | undefined): string {
  return decodeWith((reader) => reader.string(), value ?? new Uint8Array(0));
}
