/**
 * Players as the ledger has them: their accounts and keys stay, so they sign in as before. Who they are comes from the sealed identity; whoever's
 * nobody here can open is let in and may give items away, and proves the name again before trading.
 */
import { DEMONSTRATION_MARKET_MAKERS, DEMONSTRATION_PLAYERS } from '#drizzle/seed/demonstration-keys.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { demonstrationBirthDate, demonstrationPlayerAcct } from '#server/identity/demonstration.ts';
import { readIdNumber } from '#server/identity/id-number.ts';
import { fieldsToText } from '#server/identity/kyc.ts';
import type { FoundingLedger } from '#server/identity/player-policy.ts';
import { closedName, insertRestoredPlayer } from '#server/identity/players.repo.ts';
import type { RecordKey } from '#server/identity/sealed-record.ts';
import type { KnownPerson } from './open-sealed.ts';
import type { OpenedAccount } from './read-chain.ts';

/** Nobody is born then: who has not shown a birth date is treated as a minor and trades nothing. */
const UNKNOWN_BIRTH_DATE = '9999-12-31';
const NO_PHONE = '-';

export type PeopleGround = {
  readonly genesis: Genesis;
  /** The notary's published key: null on a chain that is no demonstration. */
  readonly demo: FoundingLedger['demo'];
  readonly recordKey: RecordKey;
  readonly agreementVersion: string;
};
export type Restored = { readonly players: number; readonly withoutIdentity: number };

export async function restorePeople(
  tx: Tx,
  ground: PeopleGround,
  accounts: readonly OpenedAccount[],
  persons: ReadonlyMap<AccountId, KnownPerson>,
  erased: ReadonlyMap<string, Instant>,
  now: Instant,
): Promise<Restored> {
  const seeded = new Map(
    ground.genesis.demonstration === 1
      ? [...DEMONSTRATION_PLAYERS, ...DEMONSTRATION_MARKET_MAKERS].map(
          (each) => [demonstrationPlayerAcct(ground, each.name), each] as const,
        )
      : [],
  );
  let withoutIdentity = 0;
  for (const account of accounts) {
    const { acct } = account;
    const demonstration = seeded.get(acct) ?? null;
    const person = persons.get(acct) ?? null;
    const erasedAt = erased.get(toHex(account.env)) ?? null;
    if (person === null && demonstration === null && erasedAt === null) withoutIdentity += 1;
    const idNumber = person?.identity.idNumber ?? null;
    const text = person === null ? null : `${NO_PHONE}\n${fieldsToText(person.fields)}`;
    await insertRestoredPlayer(tx, {
      acct,
      displayName: demonstration?.displayName ?? (erasedAt === null ? `player-${acct.slice(0, 12)}` : closedName(acct)),
      // A bank card is bound again; people of a demonstration have none to bind.
      level: demonstration?.isAdult === true ? 'R2' : 'R1',
      birthDate: birthDateOf(idNumber, demonstration, now),
      agreementVersion: ground.agreementVersion,
      // The number went with the former operator; these stand for nobody's.
      phoneHash: ground.recordKey.hash('phone', `restored ${acct}`),
      personHash: ground.recordKey.hash('person', idNumber ?? `restored ${acct}`),
      hasRecovery: demonstration !== null,
      isDemonstration: demonstration !== null,
      createdAt: account.at,
      erasedAt,
      record:
        text === null || person === null
          ? null
          : {
              commitment: account.kyc,
              ...ground.recordKey.seal(acct, text),
              verifiedAt: instant(Number(person.identity.verifiedAt)),
              provider: person.identity.provider,
            },
      card: demonstration?.isAdult === true ? { ...ground.recordKey.seal(`card ${acct}`, 'demonstration'), lastDigits: '0000' } : null,
    });
  }
  return { players: accounts.length, withoutIdentity };
}

function birthDateOf(idNumber: string | null, demonstration: { readonly isAdult: boolean } | null, now: Instant): string {
  if (demonstration !== null) return demonstrationBirthDate(demonstration.isAdult, beijingDate(now));
  return (idNumber === null ? null : readIdNumber(idNumber)?.birthDate) ?? UNKNOWN_BIRTH_DATE;
}
