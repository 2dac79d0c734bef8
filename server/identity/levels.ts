/** The steps above the real name (product P-01, P-02): R2 by a bank card in the same name, R3 by the enhanced check. Both look the person up
 *  in the lists. A hit holds withdrawals and is told to finance supervisors and to nobody else: the card is bound all the same, the enhanced check stays open. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import {
  type EnhancedDeclaration,
  type FreshSignature,
  FUNDS_FROM,
  type IdentityRefusal,
  type OpenedPerson,
  type OwnRecords,
} from './identity.ts';
import { recordScreening } from './list-reviews.ts';
import { findCard, findCardDigits, findPlayer, insertCard, listDeclarations, raiseToEnhanced } from './players.repo.ts';
import { type RegistrationGround, rejected } from './registration.ts';
import { confirmAgain } from './sessions.ts';

export const PAYOUT_ACCOUNT_FORMAT = 'daoju.payout-account/1';
export const ENHANCED_FORMAT = 'daoju.enhanced-check/1';

export async function bindCard(
  ground: RegistrationGround,
  person: OpenedPerson & { readonly acct: AccountId },
  cardText: string,
  proof: FreshSignature | null,
): Promise<IdentityRefusal | null> {
  const { sql, clock, recordKey, provider } = ground;
  const { acct, name, idNumber } = person;
  const cardNumber = cardText.normalize('NFKC').replaceAll(/[\s-]/g, '');
  if (!/^\d{12,19}$/.test(cardNumber)) return rejected('card_malformed');
  const lastDigits = cardNumber.slice(-4);
  // Money leaves by this card: whoever has taken a session must not be able to name another.
  if ((await findCardDigits(sql, acct)) !== null) {
    if (proof === null) return rejected('passphrase_required');
    const unproven = await confirmAgain(ground, acct, { format: PAYOUT_ACCOUNT_FORMAT, facts: { lastDigits }, proof });
    if (unproven !== null) return unproven;
  }
  const matched = await provider.matchCard(name, idNumber, cardNumber);
  if (matched === 'mismatch') return rejected('card_mismatch');
  const answer = matched === 'unavailable' ? matched : await provider.screen(name, idNumber);
  if (answer === 'unavailable') return rejected('real_name_unavailable');
  const now = clock.now();
  const sealed = recordKey.seal(cardOwner(acct), cardNumber);
  const cardHash = recordKey.hash('card', cardNumber);
  await sql.begin(async (tx) => {
    await insertCard(tx, { acct, ...sealed, cardHash, lastDigits, now });
    await recordScreening(ground, tx, { acct, at: now, occasion: 'card', provider: provider.name, answer, declared: null });
  });
  return null;
}

export async function checkEnhanced(
  ground: RegistrationGround,
  person: OpenedPerson & { readonly acct: AccountId },
  declaration: EnhancedDeclaration,
  proof: FreshSignature,
): Promise<IdentityRefusal | null> {
  const { sql, clock, recordKey, provider } = ground;
  const { acct, name, idNumber } = person;
  const occupation = declaration.occupation.normalize('NFC').trim();
  if (occupation.length < 2 || occupation.length > 60 || !FUNDS_FROM.includes(declaration.fundsFrom))
    return rejected('occupation_malformed');
  const player = await findPlayer(sql, acct, clock.now());
  if (player === null || player.level === 'R0' || player.level === 'R1') return rejected('card_required');
  const facts = { occupation, fundsFrom: declaration.fundsFrom };
  const unproven = await confirmAgain(ground, acct, { format: ENHANCED_FORMAT, facts, proof });
  if (unproven !== null) return unproven;
  const answer = await provider.screen(name, idNumber);
  if (answer === 'unavailable') return rejected('real_name_unavailable');
  const at = clock.now();
  const declared = recordKey.seal(declarationOwner(acct, at), JSON.stringify(facts));
  await sql.begin(async (tx) => {
    await recordScreening(ground, tx, { acct, at, occasion: 'enhanced', provider: provider.name, answer, declared });
    if (answer === 'clear') await raiseToEnhanced(tx, acct);
  });
  return answer === 'clear' ? null : rejected('enhanced_check_pending');
}

const cardOwner = (acct: AccountId) => `card ${acct}`;
const declarationOwner = (acct: AccountId, at: Instant) => `enhanced ${acct} ${at}`;

/** What the lists answered is not among it: that is between us and finance supervisors. */
export async function openOwnRecords({ sql, recordKey }: RegistrationGround, acct: AccountId): Promise<OwnRecords> {
  const [card, declared] = await Promise.all([findCard(sql, acct), listDeclarations(sql, acct)]);
  return {
    cardNumber: card === null ? null : recordKey.open(cardOwner(acct), card),
    declarations: declared.map(({ at, ...record }) => ({
      ...JSON.parse(recordKey.open(declarationOwner(acct, at), record)),
      declaredAt: at,
    })),
  };
}
