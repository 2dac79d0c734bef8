/** Signs LedgerTx as one account under the key it has now: one batch signature for a whole list (`ledger.md` 5.1). */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { coSignTx, type SigningKey, signTx } from '#ledger/tx/sign.ts';
import { demonstrationKeys } from './demonstration-keys.ts';
import { demonstrationPolicy } from './genesis.ts';
import type { AccountSigner, OrgKeys } from './types.ts';

export function accountSigner(keys: OrgKeys, state: StateView, sm2: Sm2): AccountSigner {
  const key = (): SigningKey => {
    const account = state.accountById(keys.acct);
    const policy = account === null ? null : state.policyByHash(account.policy);
    assert(account !== null && policy !== null, `${keys.name} has an account`);
    const keyIdx = policy.keys.findIndex((each) => equalBytes(each.pub, keys.publicKey));
    assert(keyIdx >= 0, `the account of ${keys.name} has this key`);
    return { acct: keys.acct, keyIdx, keyEpoch: account.keyEpoch, privateKey: keys.privateKey };
  };
  const coSignMany: AccountSigner['coSignMany'] = (envs) => (envs.length === 0 ? [] : coSignTx(sm2, key(), envs));
  return {
    ...keys,
    batchSign: (bodies) => (bodies.length === 0 ? [] : signTx(sm2, key(), bodies)),
    coSignMany,
    coSign: (env) => {
      const [signed] = coSignMany([env]);
      assert(signed !== undefined, 'one LedgerTx in, one out');
      return signed;
    },
  };
}

/** An organisation of the demonstration: account and keys from its name. */
export function demonstrationOrganisation(name: string): OrgKeys {
  const { publicKey, privateKey } = demonstrationKeys(name);
  return { name, publicKey, privateKey, acct: accountIdFromPolicy(demonstrationPolicy(name)) };
}
