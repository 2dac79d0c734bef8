/** A newcomer with a device: draws keys, builds the opening of the account as the browser does, joins and signs in. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { encodeTxEnv, type TxBody } from '#ledger/codec/tx.ts';
import { generatePrivateKey, publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { playerPolicy, signingKeyOf } from '#server/identity/player-policy.ts';
import { seededRandom } from './seeded-random.ts';
import type { Visitor } from './server.ts';

export type Person = {
  readonly phone: string;
  readonly realName: string;
  readonly idNumber: string;
  readonly displayName: string;
  readonly privateKey: Bytes;
  readonly encKey: Bytes;
  readonly random: (length: number) => Bytes;
};

/** An 18-digit number with a right check character. */
export function idNumberFor(birthDate: string, sequence: number): string {
  const digits = `110105${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, place) => total + weight * Number(digits[place]), 0);
  return digits + '10X98765432'.charAt(sum % 11);
}

export function newPerson(name: string, facts: Partial<Pick<Person, 'realName' | 'idNumber' | 'phone'>> = {}): Person {
  const drawn = seededRandom(`person ${name}`);
  const random = (length: number) => drawn.bytes(length);
  const number = [...random(4)].reduce((sum, byte) => sum * 256 + byte, 0);
  return {
    phone: `139${String(number % 100_000_000).padStart(8, '0')}`,
    realName: '王小明',
    idNumber: idNumberFor('1990-05-01', number % 1000),
    displayName: name,
    privateKey: generatePrivateKey(random),
    encKey: publicKeyOf(generatePrivateKey(random)),
    random,
    ...facts,
  };
}

export type Template = { readonly chain: string; readonly agreementVersion: string; readonly recoveryKeys: readonly string[] };

export function accountOf(
  person: Person,
  template: Template,
): { readonly acct: Bytes; readonly keyIdx: number; readonly policy: ReturnType<typeof playerPolicy> } {
  const policy = playerPolicy(
    publicKeyOf(person.privateKey),
    person.encKey,
    template.recoveryKeys.map((key) => fromHex(key, 64)),
  );
  return { acct: accountIdFromPolicy(policy), keyIdx: signingKeyOf(policy)?.keyIdx ?? 0, policy };
}

/** What the answer to the real-name check says of the AccountOpen. */
export type Opening = { readonly kyc: string; readonly env: string; readonly salt: string };

export function signAccountOpen(
  person: Person,
  sm2: Sm2,
  now: Instant,
  template: Template,
  verified: Opening,
  change: Partial<TxBody['op']> = {},
): string {
  const { acct, keyIdx, policy } = accountOf(person, template);
  const op = { kind: 'account_open', policy, accountKind: 0, kyc: fromHex(verified.kyc, 32), env: fromHex(verified.env, 32) } as const;
  const body: TxBody = {
    chain: fromHex(template.chain, 32),
    salt: fromHex(verified.salt, 16),
    notBefore: BigInt(now) - 60_000n,
    notAfter: BigInt(now) + 600_000n,
    op: Object.assign({}, op, change),
  };
  const [env] = signTx(sm2, { acct, keyIdx, keyEpoch: 0, privateKey: person.privateKey }, [body]);
  if (env === undefined) throw new Error('one body gives one LedgerTx');
  return toHex(encodeTxEnv(env));
}

/** `codeOf`: looks at the person's phone, where no code is shown. */
export async function verifyPerson(visitor: Visitor, person: Person, codeOf: (phone: string) => string | null = () => null) {
  const { shownCode } = await visitor.api.account.requestCode.mutate({ phone: person.phone });
  const { phone, realName, idNumber } = person;
  return visitor.api.account.verifyIdentity.mutate({ phone, code: shownCode ?? codeOf(phone) ?? '', realName, idNumber });
}

export async function join(visitor: Visitor, person: Person, sm2: Sm2, now: Instant, codeOf?: (phone: string) => string | null) {
  const verified = await verifyPerson(visitor, person, codeOf);
  return visitor.api.account.register.mutate({
    registrationId: verified.registrationId,
    displayName: person.displayName,
    agreementVersion: verified.policy.agreementVersion,
    accountOpen: signAccountOpen(person, sm2, now, verified.policy, verified),
  });
}

export async function signSignIn(visitor: Visitor, sm2: Sm2, acct: string, privateKey: Bytes) {
  const { chain, challenge, issuedAt } = await visitor.api.session.challenge.mutate();
  const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, acct, challenge, issuedAt }));
  return { acct, challenge, issuedAt, signature: toHex(sm2.sign(privateKey, message)) };
}
