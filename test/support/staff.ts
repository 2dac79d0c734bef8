/** Signs in with the published certificate of a demonstration's staff, as the browser does. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { demonstrationCrl } from '#ledger/node/demonstration-pki.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { concat, fromBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { openVisitor, type TestServer, type Visitor } from './server.ts';

const names = new WeakMap<object, string>();

/** Who this session was opened for. */
export function nameOfStaff(api: Visitor['api']): string {
  const name = names.get(api);
  if (name === undefined) throw new Error('nobody has signed in here');
  return name;
}

export async function openStaff(server: TestServer, name: string): Promise<Visitor> {
  const browser = openVisitor(server.base);
  const account = server.services.identity.listDemonstrationAccounts().find((each) => each.name === name);
  const certificate = account?.certificate ?? '';
  const { chain, challenge, issuedAt } = await browser.api.staff.challenge.mutate();
  const certificateSerial = toHex(parseCertificate(fromBase64(certificate)).serial);
  const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
  const signature = toHex(server.services.ledger.sm2.sign(demonstrationKeys(name).privateKey, message));
  await browser.api.staff.signIn.mutate({ certificate, challenge, issuedAt, signature });
  names.set(browser.api, name);
  return browser;
}

/** Puts the person's certificate on the supervisors' revocation list, a moment ago. */
export async function revokeStaff({ services, clock }: Pick<TestServer, 'services' | 'clock'>, name: string): Promise<void> {
  const account = services.identity.listDemonstrationAccounts().find((each) => each.name === name);
  const { serial } = parseCertificate(fromBase64(account?.certificate ?? ''));
  // Of two lists of one second the first would stay.
  clock.advance(1_000);
  const now = clock.now();
  const crl = demonstrationCrl('Supervisor CA', {
    number: 900_000_000_000,
    thisUpdate: instant(now),
    nextUpdate: instant(now + 30 * 86_400_000),
    revoked: [{ serial, at: instant(now - 1_000) }],
  });
  await services.pki.import({ certificates: [], crls: [crl], trustsRoots: false, isLicensed: false, purpose: 'other' });
}
