/** Where this member's node key is, when it is not here: from the site file, with the key that signs what the node asks. */
import { type KeyOptions, loadSignerClient } from '#ledger/node/keys.ts';
import type { RemoteSignerPlace } from '#ledger/node/signer/remote-signer.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';

export type SignerSetting = { readonly url: string; readonly key: string };

/** @throws {Error} as `loadNodeKeys` */
export const signerPlace = ({ url, key }: SignerSetting, options: KeyOptions): RemoteSignerPlace => ({
  url,
  publicKey: fromHex(key),
  client: loadSignerClient(options),
});
