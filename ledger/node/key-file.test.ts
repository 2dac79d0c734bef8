import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { findOpenSsl } from '#test/support/find-openssl.ts';
import { openPrivateKey, sealPrivateKey } from './key-file.ts';
import { systemRandom } from './sm2-openssl.ts';

const openssl = findOpenSsl();
const folder = mkdtempSync(path.join(tmpdir(), 'daoju-key-'));
afterAll(() => rmSync(folder, { recursive: true }));
const privateKey = generatePrivateKey(systemRandom);
const sealed = sealPrivateKey(privateKey, 'correct horse', systemRandom);
const file = path.join(folder, 'key.pem');
writeFileSync(file, sealed);

describe('a key at rest', () => {
  test('opens with its passphrase and with no other', () => {
    expect(toHex(openPrivateKey(sealed, 'correct horse'))).toBe(toHex(privateKey));
    expect(() => openPrivateKey(sealed, 'correct hors')).toThrow('key_passphrase');
    expect(sealed).not.toContain(toHex(privateKey));
  });

  test('openssl pkcs8 and openssl ec open it and see SM2, PBES2 and SM4-CBC', () => {
    expect(spawnSync(openssl, ['pkcs8', '-in', file, '-passin', 'pass:wrong']).status).not.toBe(0);
    const plain = execFileSync(openssl, ['pkcs8', '-in', file, '-passin', 'pass:correct horse'], { encoding: 'utf8' });
    expect(plain).toContain('-----BEGIN PRIVATE KEY-----');
    const shown = execFileSync(openssl, ['ec', '-in', file, '-passin', 'pass:correct horse', '-noout', '-text'], { encoding: 'utf8' });
    expect(shown).toContain('SM2');
    expect(shown.replaceAll(/[\s:]/g, '')).toContain(toHex(publicKeyOf(privateKey)));
    const structure = execFileSync(openssl, ['asn1parse', '-in', file], { encoding: 'utf8' });
    for (const name of ['PBES2', 'PBKDF2', 'hmacWithSHA256', 'sm4-cbc']) expect(structure).toContain(`:${name}`);
  });

  test('a file that openssl sealed opens here', () => {
    const theirs = path.join(folder, 'theirs.pem');
    execFileSync(openssl, [
      ...['pkcs8', '-topk8', '-in', file, '-passin', 'pass:correct horse', '-v2', 'sm4-cbc', '-v2prf', 'hmacWithSHA256'],
      ...['-passout', 'pass:another', '-out', theirs],
    ]);
    expect(toHex(openPrivateKey(readFileSync(theirs, 'utf8'), 'another'))).toBe(toHex(privateKey));
  });

  test.each([
    ['no PEM', 'nothing', 'key_malformed'],
    ['a plain key', sealed.replaceAll('ENCRYPTED ', ''), 'key_malformed'],
    ['cut short', sealed.replace(/\n[^\n]+\n-----END/, '\n-----END'), 'der_malformed'],
  ])('%s is refused', (_name, text, code) => expect(() => openPrivateKey(text, 'correct horse')).toThrow(code));
});
