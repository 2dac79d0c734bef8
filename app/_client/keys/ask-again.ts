/** The key signs again, also when it is open: whoever sits down at an open browser can't change where money goes (P-06). */
import { api } from '#app/_client/api.ts';
import { signAskedAgain } from '#app/_client/signing.ts';
import type { Me } from '#server/trpc/views.ts';
import { openSignerAgain } from './open-signer.ts';

/** @throws {KeyError} `wrong_passphrase` */
export async function askAgain(me: Me, passphrase: string | null, format: string, asked: Readonly<Record<string, string>>) {
  const signer = await openSignerAgain(me, passphrase);
  return signAskedAgain(signer, format, asked, await api.session.challenge());
}
