/** The demonstration studio's account on the ledger, its hosted issuing key and its published REST keys. */
import { DEMONSTRATION_STUDIO } from '#drizzle/seed/demonstration-keys.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys, singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import type { AccountSigner, LedgerNode } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes, accountIdOf } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy, saltFromReference } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { insertStudio } from '#server/studio/studios.repo.ts';

const STUDIO_KIND = 1;
const WINDOW_MS = 600_000n;
const KEYS_LAST_MS = 365 * 24 * 3_600_000;

export const STUDIO_WRITE_KEY_ID = 'demo-studio-write';
/** Published, like every key of the demonstration. */
export const STUDIO_READ_KEY = 'demo-studio-read-key';

function studioPolicy() {
  return singleKeyPolicy(demonstrationKeys(DEMONSTRATION_STUDIO.account).publicKey);
}

export function demonstrationStudioAcct(): AccountId {
  return accountIdOf(accountIdFromPolicy(studioPolicy()));
}

export function demonstrationStudioSigner(ledger: LedgerNode): AccountSigner {
  const { name, publicKey, privateKey } = demonstrationKeys(DEMONSTRATION_STUDIO.account);
  return ledger.signerFor({ name, publicKey, privateKey, acct: accountIdBytes(demonstrationStudioAcct()) });
}

/** Opens the account (signed by the studio, the operator and the supervisor) and registers the keys; a second start does nothing. */
export async function ensureDemonstrationStudio(ground: Ground): Promise<AccountSigner> {
  const { ledger, clock, sql } = ground;
  assert(ledger.demo !== null, 'published keys exist on demonstration chains only');
  const acct = demonstrationStudioAcct();
  const now = clock.now();
  if (ledger.pending.accountById(accountIdBytes(acct)) === null) {
    // The account does not exist yet: its first key signs at epoch 0.
    const { privateKey } = demonstrationKeys(DEMONSTRATION_STUDIO.account);
    const [env] = signTx(ledger.sm2, { acct: accountIdBytes(acct), keyIdx: 0, keyEpoch: 0, privateKey }, [
      {
        chain: ledger.chain,
        salt: saltFromReference(accountIdBytes(acct), 'open'),
        notBefore: BigInt(now) - WINDOW_MS,
        notAfter: BigInt(now) + WINDOW_MS,
        op: { kind: 'account_open', policy: studioPolicy(), accountKind: STUDIO_KIND, kyc: ZERO_32, env: ZERO_32 },
      },
    ]);
    assert(env !== undefined, 'a batch of one signs one');
    const [result] = await sequenceOutside(ground, [ledger.demo.supervisor.coSign(ledger.operator.coSign(env))]);
    assert(
      result?.kind === 'sequenced',
      `the studio's account could not be opened: ${result?.kind === 'rejected' ? result.code : 'no answer'}`,
    );
  }
  await insertStudio(sql, {
    acct,
    nameZh: '示例工作室',
    nameEn: 'Demonstration Studio',
    tier: 'partner',
    isHosted: true,
    writeKey: { keyId: STUDIO_WRITE_KEY_ID, publicKey: demonstrationKeys(DEMONSTRATION_STUDIO.restKey).publicKey },
    readKey: { keyId: 'demo-studio-read', secretSm3: sm3(utf8(STUDIO_READ_KEY)) },
    at: now,
    keysExpireAt: instant(now + KEYS_LAST_MS),
  });
  return demonstrationStudioSigner(ledger);
}
