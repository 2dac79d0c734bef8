/** A player of the demonstration without a browser: the other side of a trade, or a state that a page shows. */
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { systemRandom } from '#server/random.ts';
import { createPlayerClient, type PlayerClient } from '#server/workers/demonstration/player-client.ts';
import type { Program } from './program.ts';

/** As the sign-in page names them; the SM3-derived keys go by the other name. */
export const LIN_YUE = { shown: '林月 Lin Yue', key: 'lin-yue' };
export const CHEN_HAI = { shown: '陈海 Chen Hai', key: 'chen-hai' };

export async function signedInPlayer(
  program: Pick<Program, 'api' | 'base'>,
  player: { readonly shown: string; readonly key: string },
): Promise<PlayerClient> {
  const accounts = await program.api.session.demoAccounts.query();
  const acct = accounts.find((account) => account.name === player.shown)?.acct;
  if (acct == null) throw new Error(`${player.shown} is no demonstration account`);
  const random = (length: number) => systemRandom.bytes(length);
  const { privateKey } = demonstrationKeys(player.key);
  const client = createPlayerClient({ base: program.base, acct, privateKey, sm2: openSslSm2(), random });
  await client.signIn();
  return client;
}
