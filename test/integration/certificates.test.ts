/** Certificates in use (product O-10, T-01, V-01): import of an outside authority, revocation, rotation with overlap, warnings, and the door that asks. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { generatePrivateKey, publicKeyOf, type Sm2, signDigest } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys, singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import { demonstrationCertificate, demonstrationCrl } from '#ledger/node/demonstration-pki.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { type CertificateProfile, type Issuer, issueCertificate, issueCrl } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, concat, fromBase64, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { type DeskAct, deskDocument } from '#sandbox/cases/desk-order.ts';
import { type JoinFacts, joinMessage } from '#sandbox/studios/join-document.ts';
import { createStudioClient } from '#server/sdk/studio-client.ts';
import { recheckStudios } from '#server/studio/join/join.ts';
import { JOIN_STUDIO_REFUSALS, type JoinStudioCode } from '#server/studio/join/join-codes.ts';
import { ensureDemonstrationStudio } from '#server/workers/demonstration/studio-account.ts';
import { findOpenSsl } from '#test/support/find-openssl.ts';
import { openOfficial } from '#test/support/officials.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer } from '#test/support/server.ts';

const DAY = 86_400_000;
let server: TestServer;
const random = seededRandom('certificates');
const openssl = findOpenSsl();

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const sm2 = () => server.services.ledger.sm2;
const keyOf = () => {
  const privateKey = generatePrivateKey((length) => random.bytes(length));
  return { privateKey, publicKey: publicKeyOf(privateKey) };
};

/** What no reader takes has no serial to sign either. */
function serialOf(certificate: Uint8Array): string {
  try {
    return toHex(parseCertificate(certificate).serial);
  } catch {
    return '00';
  }
}

/** Signs in with a certificate over a key at hand. */
async function enter(certificate: Uint8Array, privateKey: Uint8Array) {
  const browser = openVisitor(server.base);
  const { chain, challenge, issuedAt } = await browser.api.staff.challenge.mutate();
  const certificateSerial = serialOf(certificate);
  const message = concat(utf8('daoju.sign-in/1\n'), canonicalBytes({ chain, certificateSerial, challenge, issuedAt }));
  const signature = toHex(sm2().sign(privateKey, message));
  return { browser, signIn: browser.api.staff.signIn.mutate({ certificate: toBase64(certificate), challenge, issuedAt, signature }) };
}
const codeOf = async (certificate: Uint8Array, privateKey: Uint8Array) =>
  (await refusalOf((await enter(certificate, privateKey)).signIn)).code;

/** An authority that this installation has never seen, with a root of its own. */
function outsideAuthority(name: string) {
  const [rootKey, caKey] = [keyOf(), keyOf()];
  const root: Issuer = { name: { commonName: `${name} root`, organization: name }, privateKey: rootKey.privateKey };
  const ca: Issuer = { name: { commonName: `${name} CA`, organization: name }, privateKey: caKey.privateKey };
  let serial = 1;
  const from = () => instant(server.clock.now() - DAY);
  const issue = (
    issuer: Issuer,
    subject: Issuer['name'],
    publicKey: Bytes,
    profile: CertificateProfile,
    days = 365,
    by: Sm2 = sm2(),
    since = from(),
  ) =>
    issueCertificate(by, {
      ...{ issuer, subject, publicKey, profile },
      serial: Uint8Array.of(serial++),
      notBefore: since,
      notAfter: instant(server.clock.now() + days * DAY),
    });
  const rootDer = issue(root, root.name, rootKey.publicKey, { kind: 'authority', pathLength: 1 }, 4000);
  const caDer = issue(root, ca.name, caKey.publicKey, { kind: 'authority', pathLength: 0 }, 2000);
  const person = (
    unit: string,
    publicKey: Bytes,
    profile: CertificateProfile = { kind: 'signing' },
    days = 365,
    by?: Sm2,
    since?: Instant,
  ) =>
    issue(
      ca,
      { commonName: '张监管', organization: name, organizationalUnit: unit, serialNumber: 'X-1' },
      publicKey,
      profile,
      days,
      by,
      since,
    );
  const crl = (issuer: Issuer, number: number, revoked: readonly Uint8Array[] = [], days = 30) =>
    issueCrl(sm2(), {
      ...{ issuer, number },
      thisUpdate: instant(server.clock.now() - (server.clock.now() % 1000)),
      nextUpdate: instant(server.clock.now() + days * DAY),
      revoked: revoked.map((der) => ({ serial: parseCertificate(der).serial, at: instant(server.clock.now() - 1000) })),
    });
  return { root, ca, rootDer, caDer, person, crl };
}
/** As an authority signs that takes OpenSSL 3 by its word: the digest of the bytes alone. */
const withoutId: Sm2 = {
  verify: () => false,
  sign: (privateKey, message) => {
    const signature = signDigest(privateKey, sm3(message), 12_345_678_987_654_321n);
    if (signature === null) throw new Error('another nonce is needed');
    return signature;
  },
};
const onAnotherCurve = (der: Uint8Array) => fromHex(toHex(der).replace('2a811ccf5501822d', '2a811ccf5501822e'));

const IMPORT = { crls: [], trustsRoots: false, isLicensed: false, purpose: 'staff' } as const;

describe('an outside authority', () => {
  test('counts from its import on, with its lists: before, each missing thing is named', async () => {
    const outside = outsideAuthority('Tax Bureau');
    const key = keyOf();
    const certificate = outside.person('tax', key.publicKey);
    const { pki } = server.services;
    expect(await codeOf(certificate, key.privateKey)).toBe('certificate_untrusted');
    expect(await pki.import({ ...IMPORT, certificates: [outside.caDer, outside.rootDer] })).toMatchObject({
      kind: 'rejected',
      code: 'anchor_unknown',
    });
    expect(await codeOf(certificate, key.privateKey)).toBe('certificate_untrusted');
    const request = { ...IMPORT, certificates: [outside.caDer, outside.rootDer], trustsRoots: true, isLicensed: true };
    expect(await pki.import(request)).toEqual({ kind: 'imported', anchors: 1, certificates: 1, crls: 0 });
    expect(await codeOf(certificate, key.privateKey)).toBe('crl_missing');
    const lists = [outside.crl(outside.root, 1), outside.crl(outside.ca, 1)];
    expect(await pki.import({ ...IMPORT, certificates: [], crls: lists })).toMatchObject({ kind: 'imported', crls: 2 });
    expect(await codeOf(certificate, key.privateKey)).toBe('certificate_role_unknown');
    await pki.grantRole(sm3(outside.caDer), { unit: 'tax', role: 'sup_tax', organisation: 'Tax Bureau' });
    expect(await (await enter(certificate, key.privateKey)).signIn).toMatchObject({
      role: 'sup_tax',
      organisation: 'Tax Bureau',
      name: '张监管',
    });
    const shown = (await pki.list()).find(({ organisation, purpose }) => organisation === 'Tax Bureau' && purpose === 'staff');
    expect(shown).toMatchObject({ refusal: null, isLicensed: true, kind: 'signing' });
    expect(shown?.chain.map((each) => each.subject)).toEqual([
      'CN=Tax Bureau CA, O=Tax Bureau, C=CN',
      'CN=Tax Bureau root, O=Tax Bureau, C=CN',
    ]);
  });

  test('a revoked supervisor stays outside, and the list of the authority says since when', async () => {
    const outside = outsideAuthority('Market Bureau');
    const [good, bad] = [keyOf(), keyOf()];
    const [kept, revoked] = [outside.person('market', good.publicKey), outside.person('market', bad.publicKey)];
    const { pki } = server.services;
    await pki.import({
      ...IMPORT,
      certificates: [outside.caDer, outside.rootDer],
      crls: [outside.crl(outside.root, 1), outside.crl(outside.ca, 1)],
      trustsRoots: true,
    });
    await pki.grantRole(sm3(outside.caDer), { unit: 'market', role: 'sup_market', organisation: 'Market Bureau' });
    const before = await enter(revoked, bad.privateKey);
    expect(await before.signIn).toMatchObject({ role: 'sup_market' });
    server.clock.advance(60_000);
    await pki.import({ ...IMPORT, certificates: [], crls: [outside.crl(outside.ca, 2, [revoked])] });
    expect(await codeOf(revoked, bad.privateKey)).toBe('certificate_revoked');
    expect(await (await enter(kept, good.privateKey)).signIn).toMatchObject({ role: 'sup_market' });
  });

  test.each<readonly [string, string, (outside: ReturnType<typeof outsideAuthority>, key: Bytes) => Bytes]>([
    ['expired', 'certificate_expired', (outside, key) => outside.person('tax', key, { kind: 'signing' }, -0.5)],
    [
      'that begins tomorrow',
      'certificate_not_yet_valid',
      (outside, key) => outside.person('tax', key, { kind: 'signing' }, 365, sm2(), instant(server.clock.now() + DAY)),
    ],
    ['on another curve', 'certificate_curve', (outside, key) => onAnotherCurve(outside.person('tax', key))],
    [
      'signed without the default id',
      'certificate_user_id',
      (outside, key) => outside.person('tax', key, { kind: 'signing' }, 365, withoutId),
    ],
    ['for encryption', 'certificate_usage', (outside, key) => outside.person('tax', key, { kind: 'encryption' })],
    ['of a unit that its authority may not name', 'certificate_role_unknown', (outside, key) => outside.person('operator', key)],
  ])('a certificate %s is refused with %s', async (_name, code, make) => {
    const outside = outsideAuthority(`Bureau ${code}`);
    const crls = [outside.crl(outside.root, 1), outside.crl(outside.ca, 1)];
    await server.services.pki.import({ ...IMPORT, certificates: [outside.caDer, outside.rootDer], crls, trustsRoots: true });
    await server.services.pki.grantRole(sm3(outside.caDer), { unit: 'tax', role: 'sup_tax', organisation: 'Bureau' });
    const key = keyOf();
    expect(await codeOf(make(outside, key.publicKey), key.privateKey)).toBe(code);
  });

  test('a list that is out of date shuts the door until a new one is imported', async () => {
    const outside = outsideAuthority('Slow Bureau');
    const key = keyOf();
    const certificate = outside.person('tax', key.publicKey);
    const { pki } = server.services;
    const crls = [outside.crl(outside.root, 1, [], 300), outside.crl(outside.ca, 1, [], 2)];
    await pki.import({ ...IMPORT, certificates: [outside.caDer, outside.rootDer], crls, trustsRoots: true });
    await pki.grantRole(sm3(outside.caDer), { unit: 'tax', role: 'sup_tax', organisation: 'Slow Bureau' });
    server.clock.advance(3 * DAY);
    expect(await codeOf(certificate, key.privateKey)).toBe('crl_stale');
    await pki.import({ ...IMPORT, certificates: [], crls: [outside.crl(outside.ca, 2)] });
    expect(await (await enter(certificate, key.privateKey)).signIn).toMatchObject({ role: 'sup_tax' });
  });

  test('a list that somebody else signed and a leaf without its authority are not taken, and nothing of the call is', async () => {
    const [outside, stranger] = [outsideAuthority('One'), outsideAuthority('One')];
    const { pki } = server.services;
    const count = async () => (await pki.list()).length;
    const before = await count();
    const forged = { ...IMPORT, certificates: [outside.caDer, outside.rootDer], crls: [stranger.crl(stranger.ca, 1)], trustsRoots: true };
    expect(await pki.import(forged)).toMatchObject({ kind: 'rejected', code: 'crl_signature' });
    const lonely = { ...IMPORT, certificates: [outside.person('tax', keyOf().publicKey), outside.rootDer], trustsRoots: true };
    expect(await pki.import(lonely)).toMatchObject({ kind: 'rejected', code: 'certificate_issuer_unknown' });
    expect(await pki.import({ ...IMPORT, certificates: [] })).toMatchObject({ kind: 'rejected', code: 'nothing_to_import' });
    expect(await count()).toBe(before);
  });
});

describe('rotation', () => {
  test('the successor signs from its first day, nothing stops between, and what the old one signed stays proven', async () => {
    const { pki, ledger } = server.services;
    const { publicKey } = ledger.operator;
    const now = server.clock.now();
    const current = await pki.signingCertificate(publicKey, 'signing', now);
    const subject = { commonName: 'Operator seal', organization: 'Operator', organizationalUnit: 'seal' };
    const nextYear = instant(Date.parse('2027-03-01T00:00:00Z'));
    const successor = demonstrationCertificate({
      authority: 'Operator CA',
      subject,
      publicKey,
      profile: { kind: 'signing' },
      at: nextYear,
    });
    await server.services.pki.note(parseCertificate(successor), 'seal');
    expect((await pki.signingCertificate(publicKey, 'signing', now))?.leaf.der).toEqual(current?.leaf.der);
    server.clock.set('2027-03-01T00:00:00Z');
    expect((await pki.signingCertificate(publicKey, 'signing', server.clock.now()))?.leaf.der).toEqual(successor);
    expect((await pki.trust(current?.leaf.der ?? successor, 'signing', now)).kind).toBe('trusted');
    // The new one is retired: the old one, still valid, takes over again.
    expect(await pki.retire(sm3(successor))).toBe(true);
    expect((await pki.signingCertificate(publicKey, 'signing', server.clock.now()))?.leaf.der).toEqual(current?.leaf.der);
  });
});

describe('the end comes announced', () => {
  test('60, 30 and 7 days before, once each; the gauge and the health page say it all along', async () => {
    const outside = outsideAuthority('Expiry');
    const { pki, certificates } = server.services;
    const key = keyOf();
    const leaf = outside.person('tax', key.publicKey, { kind: 'signing' }, 61);
    const crls = [outside.crl(outside.root, 1, [], 400), outside.crl(outside.ca, 1, [], 400)];
    await pki.import({ ...IMPORT, certificates: [leaf, outside.caDer, outside.rootDer], crls, trustsRoots: true });
    const mine = async () => (await certificates.turn()).filter(({ subject }) => subject.includes('O=Expiry')).map(({ days }) => days);
    const said: number[][] = [];
    for (const days of [0, 1.1, 1, 29, 23, 2, 8]) {
      server.clock.advance(days * DAY);
      said.push(await mine());
    }
    expect(said).toEqual([[], [60], [], [30], [7], [], [0]]);
    const metrics = await (await fetch(new URL('/metrics', server.base))).text();
    expect(metrics).toMatch(/daoju_certificate_expiry_seconds\{subject="CN=张监管, SN=X-1, OU=tax, O=Expiry, C=CN",kind="signing"\} -\d+/);
    const health: { expiring: { subject: string; warning: number }[] } = await (await fetch(new URL('/readyz', server.base))).json();
    expect(health.expiring.find(({ subject }) => subject.includes('O=Expiry'))?.warning).toBe(0);
    expect((await pki.list()).find(({ organisation, kind }) => organisation === 'Expiry' && kind === 'signing')).toMatchObject({
      refusal: 'certificate_expired',
      warning: 0,
    });
  });
});

describe('the demonstration', () => {
  test('its authority revokes like any other: the published supervisor is out', async () => {
    const account = server.services.identity.listDemonstrationAccounts().find(({ name }) => name === 'staff-finance');
    const certificate = fromBase64(account?.certificate ?? '');
    const { privateKey } = demonstrationKeys('staff-finance');
    expect(await (await enter(certificate, privateKey)).signIn).toMatchObject({ role: 'sup_finance' });
    const now = server.clock.now();
    const list = demonstrationCrl('Supervisor CA', {
      number: Math.floor(now / 1000) + 1,
      thisUpdate: instant(now - (now % 1000)),
      nextUpdate: instant(now + 30 * DAY),
      revoked: [{ serial: parseCertificate(certificate).serial, at: instant(now - 1000) }],
    });
    server.clock.advance(1000);
    expect(await server.services.pki.import({ ...IMPORT, certificates: [], crls: [list] })).toMatchObject({ crls: 1 });
    expect(await codeOf(certificate, privateKey)).toBe('certificate_revoked');
    // Its authority issues the next list by itself, and forgets nobody.
    server.clock.advance(40 * DAY);
    expect(await codeOf(certificate, privateKey)).toBe('certificate_revoked');
  });

  test('the list of certificates is for the operator and the auditor', async () => {
    const account = server.services.identity.listDemonstrationAccounts().find(({ name }) => name === 'staff-operator');
    const { browser, signIn } = await enter(fromBase64(account?.certificate ?? ''), demonstrationKeys('staff-operator').privateKey);
    await signIn;
    const rows = await browser.api.certificate.list.query();
    expect(rows.find(({ purpose, organisation }) => purpose === 'root' && organisation === 'NOT_LICENSED')).toMatchObject({
      subject: 'CN=Daoju test root, O=NOT_LICENSED, C=CN',
      isLicensed: false,
    });
    expect(new Set(rows.map(({ purpose }) => purpose))).toContain('node');
    expect((await refusalOf(openVisitor(server.base).api.certificate.list.query())).code).toBe('staff_sign_in_required');
  });
});

test('the command makes an authority, issues, revokes and writes lists that openssl reads', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-ca-'));
  const cli = (...args: string[]) =>
    execFileSync(process.execPath, [path.resolve('server/cli/index.ts'), 'ca', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  try {
    expect(cli('init', '--dir', 'ca').trim()).toMatch(/^[0-9a-f]{64}$/);
    cli('issue', '--dir', 'ca', '--profile', 'authority', '--to', 'tax-ca', '--cn', 'Tax CA', '--o', 'Tax');
    const issued = cli('issue', '--dir', 'ca', '--by', 'tax-ca', '--cn', '王', '--o', 'Tax', '--ou', 'tax', '--sn', 'S1', '--to', 'wang');
    expect(issued.split('\n')).toHaveLength(3);
    const serial = /signing\.pem {2}serial ([0-9a-f]+)/.exec(issued)?.[1] ?? '';
    const flags = ['-vfyopt', 'distid:1234567812345678', '-partial_chain'];
    for (const [issuer, leaf] of [
      ['ca/tax-ca.pem', 'wang.signing.pem'],
      ['ca/tax-ca.pem', 'wang.encryption.pem'],
      ['ca/root.pem', 'ca/tax-ca.pem'],
    ] as const)
      expect(spawnSync(openssl, ['verify', ...flags, '-CAfile', issuer, leaf], { cwd: folder, encoding: 'utf8' }).stdout).toBe(
        `${leaf}: OK\n`,
      );
    const passphrase = readFileSync(path.join(folder, 'ca/passphrase'), 'utf8').trim();
    const key = spawnSync(openssl, ['ec', '-in', 'wang.signing.key.pem', '-passin', `pass:${passphrase}`, '-noout', '-text'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(key.stdout).toContain('SM2');
    cli('request', '--dir', 'ca', '--cn', 'Studio', '--o', 'Studio Ltd', '--to', 'studio');
    cli('issue', '--dir', 'ca', '--by', 'tax-ca', '--csr', 'studio.csr.pem', '--profile', 'signing', '--to', 'studio');
    const shown = spawnSync(openssl, ['x509', '-in', 'studio.signing.pem', '-noout', '-subject'], { cwd: folder, encoding: 'utf8' });
    expect(shown.stdout).toContain('Studio Ltd');
    cli('revoke', '--dir', 'ca', '--by', 'tax-ca', '--serial', serial, '--at', '2026-11-01T00:00:00Z');
    const crl = spawnSync(openssl, ['crl', '-in', 'ca/tax-ca.crl.pem', '-noout', '-text'], { cwd: folder, encoding: 'utf8' });
    expect(crl.stdout.toLowerCase()).toContain(serial);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a studio joins (T-01)', () => {
  const NAME = 'Lantern Games';
  const CODE = '91350100M000100Y43';
  const pemOf = (label: string, der: Uint8Array) => `-----BEGIN ${label}-----\n${toBase64(der)}\n-----END ${label}-----\n`;
  const certify = (publicKey: Uint8Array, organization = NAME) =>
    demonstrationCertificate({
      authority: 'Studio CA',
      subject: { commonName: organization, organization },
      publicKey,
      profile: { kind: 'signing' },
      at: server.clock.now(),
    });
  const [own, rest] = [keyOf(), keyOf()];
  const facts: JoinFacts = {
    nameZh: '灯笼游戏',
    nameEn: NAME,
    creditCode: CODE,
    licences: [{ name: 'ICP', number: '沪B2-20260001', issuer: 'MIIT' }],
    payout: { holder: NAME, bank: 'Test Bank', number: '6222000011112222' },
    restKey: toHex(rest.publicKey),
  };
  const visitor = () => openVisitor(server.base).api.studioJoin;
  const wish = (change: Partial<JoinFacts> = {}, { certificate = certify(own.publicKey), key = own.privateKey, pem = '' } = {}) => {
    const said = { ...facts, ...change };
    const message = joinMessage(toHex(server.services.ledger.chain), toHex(sm3(certificate)), said);
    const licences = said.licences.map((licence) => ({ ...licence }));
    return { ...said, licences, pem: pem || pemOf('CERTIFICATE', certificate), signature: toHex(sm2().sign(key, message)) };
  };
  const studio = (keyId: string, readKey: string) =>
    createStudioClient({
      ...{ base: server.base, keyId, privateKey: rest.privateKey, readKey, sm2: sm2() },
      ...{ now: () => server.clock.now(), random: (length: number) => random.bytes(length) },
    });
  /** Of one of its people, whose certificate names the organisation. */
  const openConsole = async () => {
    const person = keyOf();
    const subject = { commonName: 'Wei Lan', organization: NAME, organizationalUnit: 'studio', serialNumber: 'L-1' };
    const certificate = demonstrationCertificate({
      ...{ authority: 'Studio CA', subject, publicKey: person.publicKey, profile: { kind: 'signing' } },
      at: server.clock.now(),
    });
    const { browser, signIn } = await enter(certificate, person.privateKey);
    await signIn;
    return browser.api.studio;
  };
  const reached = new Set<string>();
  const refuses = async (call: Promise<unknown>, code: JoinStudioCode) => {
    expect(await refusalOf(call)).toMatchObject({ code, message: JOIN_STUDIO_REFUSALS[code].message });
    reached.add(code);
  };
  const freshLists = async (revoked: readonly { serial: Bytes; at: Instant }[] = []) => {
    // After the market has refreshed its own, so that these are the later ones.
    await server.services.pki.ready();
    server.clock.advance(2_000);
    const now = server.clock.now();
    const list = (issuer: 'Studio CA' | 'Operator CA' | 'root', gone: typeof revoked) =>
      demonstrationCrl(issuer, {
        number: Math.floor(now / 1000) + 2,
        thisUpdate: instant(now - (now % 1_000)),
        nextUpdate: instant(now + 30 * DAY),
        revoked: gone,
      });
    const crls = [list('root', []), list('Operator CA', []), list('Studio CA', revoked)];
    const taken = await server.services.pki.import({ certificates: [], crls, trustsRoots: false, isLicensed: false, purpose: 'other' });
    expect(taken).toMatchObject({ kind: 'imported', crls: 3 });
  };

  test('what is wrong with an application is told, and no application is kept', async () => {
    await freshLists();
    const apply = (given: ReturnType<typeof wish>) => visitor().submit.mutate(given);
    await refuses(apply(wish({ creditCode: CODE.replace(/3$/, '4') })), 'credit_code_malformed');
    await refuses(apply(wish({}, { pem: 'no certificate' })), 'join_certificate_missing');
    const outside = outsideAuthority('Elsewhere');
    await refuses(apply(wish({}, { certificate: outside.person('x', own.publicKey) })), 'join_certificate_refused');
    await refuses(apply(wish({}, { certificate: certify(own.publicKey, 'Another Studio') })), 'join_name_mismatch');
    await refuses(apply(wish({ payout: { ...facts.payout, holder: 'Lin Yue' } })), 'payout_holder_mismatch');
    await refuses(apply({ ...wish(), nameZh: '别的名字' }), 'join_signature_invalid');
    await ensureDemonstrationStudio(server.services);
    await refuses(apply(wish({ nameZh: NAME, nameEn: 'Demonstration Studio' })), 'studio_name_taken');
    await refuses(visitor().get.query({ applicationId: `app_${'0'.repeat(32)}` }), 'application_unknown');
    expect(await server.database.sql`select 1 from studio.applications`).toHaveLength(0);
    expect(await server.database.sql`select 1 from studio.studios where name_en = ${NAME}`).toHaveLength(0);
  });

  test('its keys read and try out at once; verified at the desk and with its account open it writes; twice a year its certificate is looked at again', async () => {
    const joined = await visitor().submit.mutate(wish());
    expect(joined).toMatchObject({ state: 'applied', isLicensed: false });
    let { applicationId } = joined;
    await refuses(visitor().submit.mutate(wish()), 'studio_known');
    const second = keyOf();
    await refuses(
      visitor().submit.mutate(wish({}, { certificate: certify(second.publicKey), key: second.privateKey })),
      'credit_code_taken',
    );
    const client = studio(joined.writeKeyId, joined.readKey);
    const game = (referenceId: string, more = {}) =>
      client.write('POST', '/api/v1/games', { reference_id: referenceId, game_ref: 'lantern', name: { en: 'Lantern' }, ...more });
    expect(await game('try', { dry_run: true })).toMatchObject({ status: 200, body: { state: 'dry_run' } });
    expect(await game('early')).toMatchObject({ status: 403, body: { code: 'studio_not_active' } });
    expect((await client.read('/api/v1/item-classes')).status).toBe(200);

    const operator = await openOfficial(server, 'staff-operator');
    const act = async (step: DeskAct, text = 'Compared with the register of the office.') => {
      await operator.signIn();
      const order = { actId: operator.newActId(), queue: 'studio' as const, subjectId: applicationId, act: step, text };
      return operator.api.desk.act.mutate({ ...order, signature: operator.sign(deskDocument(order)) });
    };
    const line = async () => (await operator.api.desk.get.query()).rows.find(({ subjectId }) => subjectId === applicationId);
    // Refused, it may come again with what was missing.
    await act('closed', 'The licence named is of another organisation.');
    expect(await visitor().get.query({ applicationId })).toMatchObject({ state: 'refused', reason: expect.stringContaining('licence') });
    ({ applicationId } = await visitor().submit.mutate(wish()));
    expect(await line()).toMatchObject({
      queue: 'studio',
      kind: 'applied',
      about: CODE,
      mayVerify: true,
      text: expect.stringContaining('NOT LICENSED'),
    });
    const { chain } = server.services.ledger;
    const acct = fromHex(joined.acct, 32);
    const opening = (accountKind: number, lifeMs: bigint) => {
      const now = BigInt(server.clock.now());
      const op = {
        kind: 'account_open' as const,
        policy: singleKeyPolicy(own.publicKey),
        accountKind,
        kyc: new Uint8Array(32),
        env: new Uint8Array(32),
      };
      const body = { chain, salt: random.bytes(16), notBefore: now - 60_000n, notAfter: now + lifeMs, op };
      const [env] = signTx(sm2(), { acct, keyIdx: 0, keyEpoch: 0, privateKey: own.privateKey }, [body]);
      return env === undefined ? '' : toHex(encodeTxEnv(env));
    };
    const open = (accountKind: number, lifeMs = 3_600_000n) =>
      visitor().openAccount.mutate({ applicationId, accountOpen: opening(accountKind, lifeMs) });
    await refuses(open(1), 'application_state');
    await act('verified');
    await refuses(open(0), 'account_open_mismatch');
    await refuses(open(1, -60_000n), 'account_open_refused');
    const early = await openConsole();
    await refuses(early.overview.query(), 'console_closed');
    expect(await open(1)).toMatchObject({ state: 'active' });
    expect(await game('first', { approval_no: 'ISBN-9' })).toMatchObject({ status: 201 });
    expect((await early.kinds.query({})).rows).toEqual([]);
    // Its opening would run out of time before the clock is moved.
    await server.services.ledger.sealNow();

    const half = async (revoked: readonly { serial: Bytes; at: Instant }[] = []) => {
      server.clock.advance(185 * DAY);
      await freshLists(revoked);
      await recheckStudios(server.services);
      return visitor().get.query({ applicationId });
    };
    expect(await half()).toMatchObject({ state: 'active', reason: null });
    const entered = await openConsole();
    await act('suspended', 'The licence was withdrawn by its office.');
    await refuses(entered.kinds.query({}), 'console_closed');
    expect(await game('late', { game_ref: 'other' })).toMatchObject({ status: 403, body: { code: 'studio_not_active' } });
    await act('verified');
    // Its account is open already.
    expect(await visitor().openAccount.mutate({ applicationId, accountOpen: '' })).toMatchObject({ state: 'active' });
    const [stored] = await server.database.sql<{ certificate: Uint8Array }[]>`select certificate from studio.applications`;
    const serial = parseCertificate(new Uint8Array(stored?.certificate ?? [])).serial;
    expect(await half([{ serial, at: instant(server.clock.now()) }])).toMatchObject({ state: 'suspended', reason: 'certificate_revoked' });
    expect((await refusalOf(act('verified'))).code).toBe('join_certificate_refused');
    const last = await line();
    expect([last?.kind, last?.steps.map((step) => step.act).toSorted()]).toEqual(['suspended', ['suspended', 'verified', 'verified']]);
    // A demonstration signs for its supervisor.
    expect(Object.keys(JOIN_STUDIO_REFUSALS).filter((code) => !reached.has(code))).toEqual(['supervisor_signature_missing']);
  });
});
