/** Signs in with the published certificate of a demonstration's staff, as the browser does. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { concat, fromBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { openVisitor, type TestServer, type Visitor } from './server.ts';

export async function openStaff(server: TestServer, name: string): Promise<Visitor> {
  const browser = openVisitor(server.base);
  const account = server.services.identity.listDemonstrationAccounts().find((each) => each.name === name);
  const certificate = account?.certificate ?? '';
  const { chain, challenge, issuedAt } = await browser.api.staff.challenge.mutate();
  const certificateSerial = toHex(parseCertificate(fromBase64(certificate)).serial);
  const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
  const signature = toHex(server.services.ledger.sm2.sign(demonstrationKeys(name).privateKey, message));
  await browser.api.staff.signIn.mutate({ certificate, challenge, issuedAt, signature });
  return browser;
}
