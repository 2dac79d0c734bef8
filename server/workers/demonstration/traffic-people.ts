/** People of the simulated traffic (product O-24): keys of their own drawn from the seed, real names that the simulated provider accepts.
 *  The same seed is the same people, so a second run signs them in instead of joining them again. */
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { isPrivateKey, publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { playerPolicy, signingKeyOf } from '#server/identity/player-policy.ts';
import { draw } from './plan.ts';
import { createPlayerClient, type PlayerClient } from './player-client.ts';

export type TrafficGround = {
  readonly base: string;
  readonly sm2: Sm2;
  readonly now: () => number;
  readonly random: (length: number) => Bytes;
};
export type TrafficPerson = {
  readonly name: string;
  readonly phone: string;
  readonly idNumber: string;
  readonly privateKey: Bytes;
  readonly encPrivateKey: Bytes;
};

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许';
const WINDOW_MS = 600_000n;

function keyFrom(...words: readonly string[]): Bytes {
  for (let counter = 0; ; counter++) {
    const candidate = sm3(utf8([...words, String(counter)].join('\n')));
    if (isPrivateKey(candidate)) return candidate;
  }
}

/** Eighteen digits with a right check character, of an adult. */
function idNumberOf(seed: string, index: number): string {
  const day = (below: number, word: string) => String(1 + draw(below, word, seed, String(index))).padStart(2, '0');
  const digits = `440305${1970 + draw(30, 'year', seed, String(index))}${day(12, 'month')}${day(28, 'day')}${String(draw(1000, 'order', seed, String(index))).padStart(3, '0')}`;
  const sum = ID_WEIGHTS.reduce((total, weight, place) => total + weight * Number(digits[place]), 0);
  return digits + '10X98765432'.charAt(sum % 11);
}

/** `chain` keeps people of one chain out of another. */
export function trafficPerson(seed: string, chain: string, index: number): TrafficPerson {
  return {
    name: `路人${seed}-${index + 1}`,
    phone: `17${String(draw(1_000_000_000, 'phone', seed, chain, String(index))).padStart(9, '0')}`,
    idNumber: idNumberOf(seed, index),
    privateKey: keyFrom('traffic', seed, chain, String(index)),
    encPrivateKey: keyFrom('traffic enc', seed, chain, String(index)),
  };
}

/** The account that these keys have, or will have, on the chain behind `base`. */
export async function accountOf(ground: TrafficGround, privateKey: Bytes, encPublicKey: Bytes) {
  const visitor = createPlayerClient({ ...ground, acct: '', privateKey });
  const template = await visitor.api.account.policyTemplate.query();
  const policy = playerPolicy(
    publicKeyOf(privateKey),
    encPublicKey,
    template.recoveryKeys.map((key) => fromHex(key, 64)),
  );
  return { id: accountIdFromPolicy(policy), policy, template };
}

/** Joins through the public API, or signs in where the person has joined before. */
export async function bringPerson(ground: TrafficGround, person: TrafficPerson): Promise<PlayerClient> {
  const { id: acct, policy, template } = await accountOf(ground, person.privateKey, publicKeyOf(person.encPrivateKey));
  const client = createPlayerClient({ ...ground, acct: toHex(acct), privateKey: person.privateKey });
  try {
    await client.signIn();
    return client;
  } catch {
    // Not joined yet.
  }
  const { shownCode } = await client.api.account.requestCode.mutate({ phone: person.phone });
  const surname = SURNAMES.charAt(draw(SURNAMES.length, 'surname', person.name));
  const verified = await client.api.account.verifyIdentity.mutate({
    phone: person.phone,
    code: shownCode ?? '',
    realName: `${surname}晓明`,
    idNumber: person.idNumber,
  });
  const now = BigInt(ground.now());
  const [env] = signTx(ground.sm2, { acct, keyIdx: signingKeyOf(policy)?.keyIdx ?? 0, keyEpoch: 0, privateKey: person.privateKey }, [
    {
      chain: fromHex(template.chain, 32),
      salt: fromHex(verified.salt, 16),
      notBefore: now - WINDOW_MS,
      notAfter: now + WINDOW_MS,
      op: { kind: 'account_open', policy, accountKind: 0, kyc: fromHex(verified.kyc, 32), env: fromHex(verified.env, 32) },
    },
  ]);
  if (env === undefined) throw new Error('assertion failed: one body gives one LedgerTx');
  await client.api.account.register.mutate({
    registrationId: verified.registrationId,
    displayName: person.name,
    agreementVersion: verified.policy.agreementVersion,
    accountOpen: toHex(encodeTxEnv(env)),
  });
  await client.api.account.bindCard.mutate({ cardNumber: `62220212${String(draw(100_000_000, 'card', person.phone)).padStart(8, '0')}` });
  await client.api.account.confirmRecovery.mutate();
  return client;
}
