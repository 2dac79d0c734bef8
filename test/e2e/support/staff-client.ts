/** A member of staff without a browser: what a desk of its own would do with the published certificate of a demonstration. */
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { concat, fromBase64, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { AppRouter } from '#server/trpc/root.ts';
import type { Program } from './program.ts';

export async function staffClient(program: Pick<Program, 'api' | 'base'>, name: string) {
  const account = (await program.api.session.demoAccounts.query()).find((each) => each.name === name);
  if (account?.certificate == null) throw new Error(`${name} has no published certificate`);
  let cookie = '';
  const api = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: new URL('/api/trpc', program.base).href,
        transformer: superjson,
        headers: () => ({ origin: program.base, cookie }),
        fetch: async (input, init) => {
          const response = await fetch(String(input), {
            method: init?.method ?? 'GET',
            headers: Object(init?.headers),
            body: init?.body ? String(init.body) : null,
          });
          const [set] = response.headers.getSetCookie();
          if (set !== undefined) cookie = set.split(';')[0] ?? '';
          return response;
        },
      }),
    ],
  });
  const { chain, challenge, issuedAt } = await api.staff.challenge.mutate();
  const certificateSerial = toHex(parseCertificate(fromBase64(account.certificate)).serial);
  const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
  const signature = toHex(openSslSm2().sign(fromHex(account.privateKey, 32), message));
  await api.staff.signIn.mutate({ certificate: account.certificate, challenge, issuedAt, signature });
  return api;
}
export type StaffClient = Awaited<ReturnType<typeof staffClient>>;
