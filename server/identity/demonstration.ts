/** Demonstration people (product O-22): their keys are published, so they exist on demonstration chains only. */

import { DEMONSTRATION_MARKET_MAKERS, DEMONSTRATION_PLAYERS, type DemonstrationPlayer } from '#drizzle/seed/demonstration-keys.ts';
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes, accountIdOf } from '#ledger/primitives/ids.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy, saltFromReference } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { completedYears } from './id-number.ts';
import { commitIdentity, fieldsToText } from './kyc.ts';
import { type FoundingLedger, foundingRecoveryKeysOf, playerPolicy, signingKeyOf } from './player-policy.ts';
import { findPlayer, insertCard } from './players.repo.ts';
import { ADULT_YEARS, AGREEMENT_VERSION, openAccount, type RegistrationGround, sealIdentity } from './registration.ts';

const ADULT_BIRTH_DATE = '1995-03-08';
const MINOR_AGE = 16;
const WINDOW_MS = 600_000n;

export function demonstrationPlayerPolicy(ledger: FoundingLedger, name: string): AuthPolicy {
  const keys = demonstrationKeys(name);
  return playerPolicy(keys.publicKey, keys.encPublicKey, foundingRecoveryKeysOf(ledger));
}

/** Depends on the operator's key, which every installation makes for itself. */
export function demonstrationPlayerAcct(ledger: FoundingLedger, name: string): AccountId {
  return accountIdOf(accountIdFromPolicy(demonstrationPlayerPolicy(ledger, name)));
}

/** Opens those that are not open yet; a second start does nothing. Adults have R2, so that they can trade at once. */
export async function ensureDemonstrationPlayers(
  ground: RegistrationGround,
  players: readonly DemonstrationPlayer[] = [...DEMONSTRATION_PLAYERS, ...DEMONSTRATION_MARKET_MAKERS],
): Promise<readonly { readonly name: string; readonly acct: AccountId }[]> {
  assert(ground.ledger.genesis.demonstration === 1, 'published keys exist on demonstration chains only');
  const opened: { readonly name: string; readonly acct: AccountId }[] = [];
  for (const player of players) opened.push({ name: player.name, acct: await ensurePlayer(ground, player) });
  return opened;
}

async function ensurePlayer(ground: RegistrationGround, player: DemonstrationPlayer): Promise<AccountId> {
  const { ledger, sql, clock, random, recordKey, provider } = ground;
  const acct = demonstrationPlayerAcct(ledger, player.name);
  const now = clock.now();
  if ((await findPlayer(sql, acct, now)) !== null) return acct;
  const birthDate = demonstrationBirthDate(player.isAdult, beijingDate(now));
  const isAdult = completedYears(birthDate, beijingDate(now)) >= ADULT_YEARS;
  // Not a number of anybody: the check digit is missing.
  const idNumber = `demonstration ${player.name}`;
  const { root, fields } = commitIdentity(
    { name: player.displayName, idNumber, isAdult, level: isAdult ? 2 : 1, provider: provider.name, verifiedAt: now },
    random,
  );
  const registrationId = `reg_demonstration_${player.name}`;
  const registration = {
    registrationId,
    // Made up, and on no list.
    screened: null,
    phoneHash: recordKey.hash('phone', idNumber),
    personHash: recordKey.hash('person', idNumber),
    birthDate,
    commitment: root,
    ...recordKey.seal(registrationId, `-\n${fieldsToText(fields)}`),
    provider: provider.name,
    verifiedAt: now,
    envelope: sealIdentity(ground, saltFromReference(accountIdBytes(acct), `open ${toHex(random.bytes(8))}`), fields),
  };
  const policy = demonstrationPlayerPolicy(ledger, player.name);
  const key = signingKeyOf(policy);
  assert(key !== null, 'a player policy has a signing key');
  const body: TxBody = {
    chain: ledger.chain,
    salt: registration.envelope.ref,
    notBefore: BigInt(now) - WINDOW_MS,
    notAfter: BigInt(now) + WINDOW_MS,
    op: { kind: 'account_open', policy, accountKind: 0, kyc: root, env: registration.envelope.hash },
  };
  const { privateKey } = demonstrationKeys(player.name);
  const [env] = signTx(ledger.sm2, { acct: accountIdBytes(acct), keyIdx: key.keyIdx, keyEpoch: 0, privateKey }, [body]);
  assert(env !== undefined, 'one body gives one LedgerTx');
  const answer = await openAccount(ground, env, {
    registration,
    displayName: player.displayName,
    agreementVersion: AGREEMENT_VERSION,
    level: isAdult ? 'R2' : 'R1',
    hasRecovery: true,
    isDemonstration: true,
  });
  assert(answer.kind === 'opened', `the demonstration player ${player.name} opens: ${JSON.stringify(answer)}`);
  if (isAdult) {
    await insertCard(sql, { acct, ...recordKey.seal(`card ${acct}`, 'demonstration'), lastDigits: '0000', cardHash: null, now });
  }
  return acct;
}

/** Of a seeded person on a day. */
export const demonstrationBirthDate = (isAdult: boolean, today: string): string => (isAdult ? ADULT_BIRTH_DATE : minorBirthDate(today));

/** Stays 16 on whatever day the demonstration begins. */
function minorBirthDate(today: string): string {
  return `${Number(today.slice(0, 4)) - MINOR_AGE}-01-01`;
}

export function isPublishedKey(publicKey: Uint8Array): boolean {
  const hex = toHex(publicKey);
  return [...DEMONSTRATION_PLAYERS, ...DEMONSTRATION_MARKET_MAKERS].some(({ name }) => toHex(demonstrationKeys(name).publicKey) === hex);
}
