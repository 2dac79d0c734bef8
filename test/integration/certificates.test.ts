/** Certificates in use (product O-10, T-01, V-01): import of an outside authority, revocation, rotation with overlap, warnings, and the door that asks. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { demonstrationCertificate, demonstrationCrl } from '#ledger/node/demonstration-pki.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { type Bytes, fromBase64 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { openVisitor, refusalOf } from '#test/support/server.ts';
import { joinCases } from './certificates/joins.ts';
import {
  closeWorld,
  codeOf,
  DAY,
  enter,
  IMPORT,
  keyOf,
  onAnotherCurve,
  openssl,
  openWorld,
  outsideAuthority,
  server,
  sm2,
  withoutId,
} from './certificates/world.ts';

beforeAll(openWorld);
afterAll(closeWorld);

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

joinCases();
