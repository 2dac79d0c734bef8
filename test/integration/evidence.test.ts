/** Evidence packages (product P-45, ledger.md 18): built for the parties of a trade and the owner of an item, verified in eleven steps, and no flipped byte verifies. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isZip, unzipPackage } from '#ledger/bin/unzip.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { encodeFinality, encodeHeader } from '#ledger/codec/header.ts';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { signatureToDer } from '#ledger/crypto/sm2-der.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { parseManifest } from '#ledger/evidence/manifest.ts';
import { EVIDENCE_STEP_WORDS } from '#ledger/evidence/steps.ts';
import { verifyEvidence } from '#ledger/evidence/verify-evidence.ts';
import { demonstrationCertificate } from '#ledger/node/demonstration-pki.ts';
import { GBT_35275, parseSignedData, signData, TIME_STAMP_TOKEN } from '#ledger/pki/signed-data.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { ItemId, TradeId } from '#ledger/primitives/ids.ts';
import { instant, parseInstant } from '#ledger/primitives/instant.ts';
import { checkpointText } from '#ledger/proof/checkpoint.ts';
import { decodeReceipt } from '#ledger/proof/receipt.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { type EvidenceRig, FILING_NO, openEvidenceRig } from '#test/support/evidence-rig.ts';
import { findOpenSsl } from '#test/support/find-openssl.ts';
import type { Trader } from '#test/support/market.ts';

let rig: EvidenceRig;
let m: EvidenceRig['m'];
let dir: string;
let evidence: EvidenceRig['evidence'];
let pki: EvidenceRig['pki'];
let proofOf: EvidenceRig['proofOf'];
let take: EvidenceRig['take'];
let tradeId: TradeId;
let itemId: ItemId;
let files: ReadonlyMap<string, Uint8Array>;
let zip: Uint8Array;
const openssl = findOpenSsl();

beforeAll(async () => {
  rig = await openEvidenceRig();
  ({ m, dir, evidence, pki, tradeId, itemId, proofOf, take } = rig);
  ({ zip, files } = await take(m.bob));
});
afterAll(() => rig.stop());

const verify = (given: ReadonlyMap<string, Uint8Array>, options: Partial<Parameters<typeof verifyEvidence>[1]> = {}) =>
  verifyEvidence(given, { chain: m.ledger.chain, sm2: m.ledger.sm2, now: m.clock.now(), ...options });
const failureOf = (given: ReadonlyMap<string, Uint8Array>, options: Partial<Parameters<typeof verifyEvidence>[1]> = {}) => {
  const { outcome, steps } = verify(given, options);
  const failed = steps.find(({ ok }) => !ok);
  return { outcome, step: failed?.step ?? null, code: failed?.code ?? null };
};
const withFile = (name: string, bytes: Uint8Array | null) => {
  const changed = new Map(files);
  if (bytes === null) changed.delete(name);
  else changed.set(name, bytes);
  return changed;
};

/** Seals changed content again, as a dishonest operator would. */
function resealed(
  change: (parts: Map<string, Uint8Array>) => void,
  key = m.ledger.operator.privateKey,
  certificate?: Uint8Array,
  given = files,
) {
  const parts = new Map(given);
  change(parts);
  const manifest = parseManifest(parts.get('manifest.json') ?? new Uint8Array(0));
  const items = manifest.items
    .filter(({ path: name }) => parts.has(name))
    .map((item) => ({ ...item, size: parts.get(item.path)?.length ?? 0, sm3: toHex(sm3(parts.get(item.path) ?? new Uint8Array(0))) }));
  const bytes = canonicalBytes({ ...manifest, items, timeStamp: 'none' });
  parts.delete('manifest.tsr');
  parts.set('manifest.json', bytes);
  const own = parseSignedData(files.get('manifest.p7s') ?? bytes, GBT_35275);
  const seal = {
    content: bytes,
    isDetached: true,
    certificate: certificate ?? own.certificate.der,
    privateKey: key,
    signingTime: own.signingTime,
  };
  parts.set('manifest.p7s', signData(m.ledger.sm2, GBT_35275, seal));
  return parts;
}

describe('a whole package', () => {
  test('passes all eleven steps, each reported, in both languages', () => {
    const verdict = verify(files);
    expect(verdict.steps.map(({ step, ok }) => [step, ok])).toEqual(Object.keys(EVIDENCE_STEP_WORDS).map((step) => [Number(step), true]));
    expect(verdict).toMatchObject({ outcome: 'proven', exitCode: 0 });
    expect(verdict.steps.flatMap(({ step, code }) => (code === null ? [] : [[step, code]]))).toEqual([
      [3, 'certificate_not_licensed'],
      [4, 'time_stamp_simulated'],
      [9, 'witness_none'],
      [10, 'provenance_partial'],
    ]);
    expect(verdict.sentences.zh).toContain('十一个步骤全部通过');
    expect(verdict.sentences.en).toContain(`belongs to account ${m.bob.acct}`);
    expect(verdict.steps.find(({ step }) => step === 10)?.facts).toEqual({ amounts: 3, owners: 1 });
    expect(verdict.steps.find(({ step }) => step === 7)?.facts.older).toBe(1);
    expect(verdict.ledger?.steps.find(({ step }) => step === 12)?.code).toBeNull();
  });

  test('holds the layout of the rulebook and says what it is not', () => {
    const manifest = parseManifest(files.get('manifest.json') ?? new Uint8Array(0));
    for (const folder of ['subject/', 'ledger/', 'provenance/', 'pki/', 'environment/', 'export.json', 'README.txt'])
      expect(
        [...files.keys()].some((name) => name.startsWith(folder)),
        folder,
      ).toBe(true);
    expect(manifest.notLicensedWarnings.map(({ en }) => en).join(' ')).toMatch(
      /not a certified cryptographic product.*test authority.*simulated authority.*demonstration chain/,
    );
    expect(JSON.parse(new TextDecoder().decode(files.get('environment/versions.json')))).toMatchObject({ filing: FILING_NO });
    expect(manifest.notLicensedWarnings.map(({ en }) => en).join(' ')).not.toContain('Filing');
    expect(manifest.interestStatement.zh).toContain('运行账本的一个成员节点');
    const readme = new TextDecoder().decode(files.get('README.txt'));
    expect(readme).toContain('【中文】');
    expect(readme).toContain('[English]');
    expect(readme).toContain(toHex(m.ledger.chain));
    expect(JSON.parse(new TextDecoder().decode(files.get('export.json')))).toMatchObject({ selfCheck: 'proven', requestedBy: m.bob.acct });
  });

  test('the payment receipt adds up to what the ledger commits to', () => {
    const payment = JSON.parse(new TextDecoder().decode(files.get('provenance/payment.json')));
    expect(payment).toMatchObject({ grossFen: '500000', feeFen: '25000', royaltyFen: '10000', isSimulated: true });
  });

  test('the command verifies the zip in either language and answers as JSON; without a chain it names the one to compare', () => {
    const file = path.join(dir, 'evidence.zip');
    writeFileSync(file, zip);
    const run = (...args: string[]) => spawnSync(process.execPath, ['ledger/bin/verify.ts', file, ...args], { encoding: 'utf8' });
    const chain = ['--chain', toHex(m.ledger.chain)];
    // The fake clock of the market may be ahead of this machine's.
    expect(run(...chain, '--lang', 'zh').stdout).toMatch(/ok {3} 1 文件齐全且未改动/);
    expect(run(...chain).stdout).toMatch(/note {2}4 Time stamp: the time stamp is by a simulated authority|FAIL {2}4/);
    expect(JSON.parse(run(...chain, '--json').stdout).steps).toHaveLength(11);
    expect(run()).toMatchObject({ status: 3, stdout: expect.stringContaining(toHex(m.ledger.chain)) });
  });
});

describe('nothing changed ever verifies', () => {
  test('a flipped bit in any file', () => {
    for (const [name, bytes] of files) {
      // Every byte of the three that cover the rest, and a spread over the files that they cover.
      const isCover = name.startsWith('manifest.') && name !== 'manifest.json';
      const step = isCover ? 1 : Math.max(1, Math.floor(bytes.length / 9));
      for (let at = 0; at < bytes.length; at += step) {
        const altered = new Uint8Array(bytes);
        altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
        expect([name, at, verify(withFile(name, altered)).outcome]).not.toEqual([name, at, 'proven']);
      }
    }
  });

  test.each<readonly [string, () => ReadonlyMap<string, Uint8Array>, { step: number; code: string }]>([
    ['a file that is gone', () => withFile('ledger/checkpoint.txt', null), { step: 1, code: 'file_missing' }],
    ['a file beside the manifest', () => withFile('extra.txt', utf8('x')), { step: 1, code: 'file_unlisted' }],
    ['no manifest', () => withFile('manifest.json', null), { step: 1, code: 'file_missing' }],
    ['no signature', () => withFile('manifest.p7s', null), { step: 2, code: 'file_missing' }],
    ['no time stamp where one is declared', () => withFile('manifest.tsr', null), { step: 4, code: 'time_stamp_missing' }],
  ])('%s', (_name, make, expected) => expect(failureOf(make())).toMatchObject(expected));

  test('another chain, another root', () => {
    expect(failureOf(files, { chain: new Uint8Array(32) })).toMatchObject({ outcome: 'malformed', step: 3, code: 'unproven' });
    expect(failureOf(files, { roots: [sm3(utf8('other'))] })).toMatchObject({ outcome: 'malformed', step: 3 });
  });

  test('an operator who seals a lie: each lie is told by its own step', () => {
    const document = (name: string, change: object) => (parts: Map<string, Uint8Array>) => {
      const known = JSON.parse(new TextDecoder().decode(parts.get(name)));
      parts.set(name, canonicalBytes({ ...known, ...change }));
    };
    expect(failureOf(resealed(() => undefined))).toEqual({ outcome: 'proven', step: null, code: null });
    expect(failureOf(resealed(document('provenance/payment.json', { grossFen: '1' })))).toMatchObject({
      outcome: 'disproven',
      step: 10,
      code: 'payment_mismatch',
    });
    const items = JSON.parse(new TextDecoder().decode(files.get('provenance/custody.json'))).items.map((row: object) => ({
      ...row,
      holder: m.amy.acct,
    }));
    expect(failureOf(resealed(document('provenance/custody.json', { items })))).toMatchObject({ step: 10, code: 'owner_mismatch' });
    const orders = [{ requestedAt: '2026-12-01T00:00:00.000Z', signedAt: '2026-11-01T00:00:00.000Z' }];
    expect(failureOf(resealed(document('provenance/requests.json', { orders })))).toMatchObject({ step: 11, code: 'time_order' });
    const order = [...files.keys()].find((name) => name.startsWith('subject/order-')) ?? '';
    expect(
      failureOf(
        resealed((parts) => {
          const bytes = new Uint8Array(parts.get(order) ?? new Uint8Array(0));
          bytes[40] = (bytes[40] ?? 0) ^ 1;
          parts.set(order, bytes);
        }),
      ),
    ).toMatchObject({ step: 5, code: 'subject_mismatch' });
    expect(
      failureOf(
        resealed((parts) => {
          const bytes = new Uint8Array(parts.get('ledger/receipt.plproof') ?? new Uint8Array(0));
          bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
          parts.set('ledger/receipt.plproof', bytes);
        }),
      ).outcome,
    ).not.toBe('proven');
  });

  test('a seal over another key, by another organisation, after its end, and by a revoked certificate', async () => {
    const stranger = generatePrivateKey((length) => m.random.bytes(length));
    expect(failureOf(resealed(() => undefined, stranger))).toMatchObject({ step: 2, code: 'signature_invalid' });
    const at = m.clock.now();
    const own = (organization: string, when = at) =>
      demonstrationCertificate({
        authority: 'Operator CA',
        subject: { commonName: 'Seal', organization },
        publicKey: publicKeyOf(stranger),
        profile: { kind: 'signing' },
        at: when,
      });
    expect(failureOf(resealed(() => undefined, stranger, own('Somebody')))).toMatchObject({ step: 3, code: 'signer_not_operator' });
    expect(failureOf(resealed(() => undefined, stranger, own('Operator', parseInstant('2020-01-01T00:00:00Z'))))).toMatchObject({
      step: 3,
      code: 'certificate_expired',
    });
  });

  test('a stamp by the operator itself, by a certificate without the purpose, and of another manifest', () => {
    const manifest = files.get('manifest.json') ?? new Uint8Array(0);
    const token = (key: Uint8Array, certificate: Uint8Array, content: Uint8Array) =>
      signData(m.ledger.sm2, TIME_STAMP_TOKEN, {
        content,
        isDetached: false,
        certificate,
        privateKey: key,
        signingTime: instant(m.clock.now() - (m.clock.now() % 1000)),
      });
    const seal = parseSignedData(files.get('manifest.p7s') ?? manifest, GBT_35275).certificate.der;
    const genuine = parseSignedData(files.get('manifest.tsr') ?? manifest, TIME_STAMP_TOKEN);
    assert(genuine.content !== null, 'a token holds its content');
    expect(failureOf(withFile('manifest.tsr', token(m.ledger.operator.privateKey, seal, genuine.content)))).toMatchObject({ step: 4 });
    const other = resealed((parts) => parts.set('README.txt', utf8('other')));
    other.set('manifest.tsr', files.get('manifest.tsr') ?? manifest);
    expect(failureOf(other)).toMatchObject({ step: 4, code: 'file_unlisted' });
  });

  test('a zip that lies about its size, names a file twice, or is none', () => {
    expect(isZip(zip)).toBe(true);
    expect(() => unzipPackage(zip.slice(0, zip.length / 2))).toThrow('package_malformed');
    expect(() => unzipPackage(utf8('PK'))).toThrow('package_malformed');
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`f${index}`, new Uint8Array(1)]));
    expect(() => unzipPackage(zipSync(many))).toThrow('package_malformed');
    expect(() => unzipPackage(zipSync({ bomb: new Uint8Array(33 * 1024 * 1024) }))).toThrow('package_malformed');
  });
});

describe('OpenSSL agrees', () => {
  const signedWith = (name: string, content: Uint8Array | null, format: typeof GBT_35275) => {
    const signed = parseSignedData(files.get(name) ?? new Uint8Array(0), format);
    const folder = mkdtempSync(path.join(tmpdir(), 'daoju-p7s-'));
    try {
      writeFileSync(path.join(folder, 'attributes'), signed.signedBytes);
      writeFileSync(path.join(folder, 'sig'), signatureToDer(signed.signature));
      writeFileSync(path.join(folder, 'content'), content ?? signed.content ?? new Uint8Array(0));
      const key = fromHex(`3059301306072a8648ce3d020106082a811ccf5501822d03420004${toHex(signed.certificate.publicKey)}`);
      writeFileSync(path.join(folder, 'key.der'), key);
      writeFileSync(path.join(folder, name), files.get(name) ?? new Uint8Array(0));
      const flags = [
        '-verify',
        '-pubin',
        '-inkey',
        'key.der',
        '-keyform',
        'DER',
        '-rawin',
        '-digest',
        'sm3',
        '-pkeyopt',
        'distid:1234567812345678',
      ];
      const verified = spawnSync(openssl, ['pkeyutl', ...flags, '-in', 'attributes', '-sigfile', 'sig'], { cwd: folder, encoding: 'utf8' });
      const digest = execFileSync(openssl, ['dgst', '-sm3', '-r', 'content'], { cwd: folder, encoding: 'utf8' }).slice(0, 64);
      const structure = execFileSync(openssl, ['asn1parse', '-inform', 'DER', '-in', name], { cwd: folder, encoding: 'utf8' });
      const stamp = name.endsWith('.tsr')
        ? execFileSync(openssl, ['ts', '-reply', '-in', name, '-token_in', '-text'], { cwd: folder, encoding: 'utf8' })
        : '';
      return { verified: verified.stdout, digest, structure, stamp, signed };
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('on the signature of the manifest: content types of GB/T 35275, digest, signature under the default id', () => {
    const manifest = files.get('manifest.json') ?? new Uint8Array(0);
    const { verified, digest, structure, signed } = signedWith('manifest.p7s', manifest, GBT_35275);
    expect(verified).toContain('Signature Verified Successfully');
    expect(digest).toBe(toHex(signed.digest));
    for (const oid of ['1.2.156.10197.6.1.4.2.2', '1.2.156.10197.6.1.4.2.1']) expect(structure).toContain(oid);
  });

  test('on the time stamp: RFC 3161, SM3, the imprint, the serial number', () => {
    const { verified, stamp } = signedWith('manifest.tsr', null, TIME_STAMP_TOKEN);
    expect(verified).toContain('Signature Verified Successfully');
    expect(stamp).toContain('Hash Algorithm: sm3');
    const imprint = toHex(sm3(files.get('manifest.json') ?? new Uint8Array(0)));
    const shown = [...stamp.matchAll(/^ {4}[0-9a-f]{4} - ((?:[0-9a-f]{2}[ -]){16})/gm)]
      .map(([, line = '']) => line.replaceAll(/[ -]/g, ''))
      .join('');
    expect(shown).toContain(imprint);
  });
});

describe('who may have one', () => {
  test('the row of a package names its bytes', async () => {
    const { zip: bytes, exportId } = await take(m.bob);
    expect(await evidence.find(m.bob.acct, exportId)).toMatchObject({ state: 'built', sm3: toHex(sm3(bytes)), size: bytes.length });
    expect((await evidence.list(m.bob.acct, tradeId)).map((each) => each.exportId)).toContain(exportId);
  });

  test('a party opens its own fields only, a stranger gets nothing, and the passphrase is asked again', async () => {
    const seller = await take(m.amy);
    expect(verify(seller.files).outcome).toBe('proven');
    const shown = (given: ReadonlyMap<string, Uint8Array>) =>
      (verify(given).ledger?.findings ?? []).flatMap((finding) => (finding.kind === 'field' ? [finding.slot] : []));
    expect(new Set(shown(seller.files))).toEqual(new Set([0, 1]));
    expect(new Set(shown(files))).toEqual(new Set([0, 2]));
    const about = { kind: 'trade', id: tradeId } as const;
    const ask = async (who: Trader, key?: Uint8Array) =>
      evidence.request({ acct: who.acct, subject: about, caseRef: '', proof: await proofOf(who, tradeId, '', key) });
    expect(await ask(m.cid)).toMatchObject({ kind: 'rejected', code: 'trade_unknown' });
    expect(await ask(m.bob, m.cid.privateKey)).toMatchObject({ kind: 'rejected', code: 'sig_invalid' });
    const proof = await proofOf(m.bob, tradeId, '');
    expect(await evidence.request({ acct: m.bob.acct, subject: about, caseRef: 'other', proof })).toMatchObject({ code: 'sig_invalid' });
    expect(await evidence.request({ acct: m.bob.acct, subject: about, caseRef: '', proof })).toMatchObject({ code: 'challenge_unknown' });
    expect(await evidence.find(m.cid.acct, seller.exportId)).toBeNull();
    expect(await evidence.file(m.cid.acct, seller.exportId)).toBeNull();
  });

  test('an item: every owner since its issue, for who owns it now', async () => {
    const { files: given } = await take(m.bob, { kind: 'item', id: itemId });
    const verdict = verify(given);
    expect(verdict).toMatchObject({ outcome: 'proven', manifest: { subject: { kind: 'item', id: itemId } } });
    expect(verdict.sentences.en).toContain('from its issue on');
    const about = { kind: 'item', id: itemId } as const;
    expect(
      await evidence.request({ acct: m.amy.acct, subject: about, caseRef: '', proof: await proofOf(m.amy, itemId, '') }),
    ).toMatchObject({ code: 'item_unknown' });
  });
});

test('copies of other members at these heights go in and are compared; one that differs is told', async () => {
  const receipt = decodeReceipt(files.get('ledger/receipt.plproof') ?? new Uint8Array(0));
  const { header, finality } = receipt;
  const body = concat(encodeHeader(header), encodeFinality(finality));
  await m.sql`insert into ledger.peer_checkpoints (member, height, header_hash, body, seen_at) values (3, ${String(header.height)}, ${headerHash(header)}, ${body}, 0)`;
  const { files: given } = await take(m.bob);
  const verdict = verify(given);
  expect(verdict.outcome).toBe('proven');
  expect(verdict.steps.find(({ step }) => step === 9)).toMatchObject({ ok: true, code: null, facts: { copies: 1 } });
  const other = utf8(checkpointText({ ...header, logRoot: sm3(utf8('another log')) }, finality));
  const lied = resealed((parts) => parts.set('ledger/witness/member-3.txt', other), m.ledger.operator.privateKey, undefined, given);
  expect(failureOf(lied)).toMatchObject({ outcome: 'disproven', step: 9, code: 'witness_mismatch' });
  await m.sql`delete from ledger.peer_checkpoints`;
});

describe('the outside fails', () => {
  test.each(['silent', 'rejecting'] as const)('a %s time stamper: the package says under its seal that it has no stamp', async (state) => {
    rig.setFault(state);
    try {
      const { files: given } = await take(m.bob);
      expect(given.has('manifest.tsr')).toBe(false);
      const verdict = verify(given);
      expect(verdict.outcome).toBe('proven');
      expect(verdict.steps.find(({ step }) => step === 4)?.code).toBe('time_stamp_none');
      expect(verdict.manifest?.notLicensedWarnings.map(({ en }) => en).join(' ')).toContain('This package has no time stamp');
    } finally {
      rig.setFault('none');
    }
  });

  test('without a certificate for its seal the operator builds none', async () => {
    const seal = await pki.signingCertificate(m.ledger.operator.publicKey, 'signing', m.clock.now());
    assert(seal !== null, 'the demonstration has a seal');
    // Revoked after the first package was sealed: that one stays proven, a new one is not made.
    await m.sql`update pki.certificates set retired_at = now() where sm3 = ${seal.leaf.fingerprint}`;
    const about = { kind: 'trade', id: tradeId } as const;
    const asked = await evidence.request({ acct: m.bob.acct, subject: about, caseRef: '', proof: await proofOf(m.bob, tradeId, '') });
    assert('exportId' in asked, 'it is asked for');
    await evidence.turn();
    expect(await evidence.find(m.bob.acct, asked.exportId)).toMatchObject({ state: 'failed', reason: 'seal_certificate_missing' });
    expect(verify(files).outcome).toBe('proven');
  });
});
