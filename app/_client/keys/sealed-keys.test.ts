import { expect, test } from 'vitest';
import { openKeys, parseSealedKeys, sealKeys } from './sealed-keys.ts';

const owner = { acct: 'ab'.repeat(32), displayName: '测试', publicKey: 'cd'.repeat(64) };
const keys = { privateKey: new Uint8Array(32).fill(7), encPrivateKey: new Uint8Array(32).fill(9) };

test('a recovery file opens with its passphrase and with no other', async () => {
  const file = JSON.stringify(await sealKeys(keys, 'correct horse battery', owner));
  expect(await openKeys(parseSealedKeys(file), 'correct horse battery')).toEqual(keys);
  await expect(openKeys(parseSealedKeys(file), 'correct horse batterz')).rejects.toMatchObject({ code: 'wrong_passphrase' });
  expect(file).not.toContain('07070707');
  const moved = { ...parseSealedKeys(file), acct: 'ef'.repeat(32) };
  await expect(openKeys(moved, 'correct horse battery')).rejects.toMatchObject({ code: 'wrong_passphrase' });
});

test.each([
  ['not json', 'x'],
  ['another format', JSON.stringify({ ...owner, format: 'other', rounds: 600_000, salt: '', iv: '', sealed: '' })],
  ['fewer rounds', JSON.stringify({ ...owner, format: 'daoju.recovery/1', rounds: 1, salt: '', iv: '', sealed: '' })],
])('%s is not a recovery file', (_name, text) =>
  expect(() => parseSealedKeys(text)).toThrow(expect.objectContaining({ code: 'recovery_file_malformed' })),
);
