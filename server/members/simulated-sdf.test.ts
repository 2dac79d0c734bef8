/** The HSM form of the signer against the simulated device, in a process of its own: what a vendor's would do on a bad day. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSdfDevice, SDR, SdfFault } from '#ledger/node/signer/sdf-device.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { fromHex, utf8 } from '#ledger/primitives/bytes.ts';

const { sm2 } = startSm2();
const PROGRAM = path.resolve(import.meta.dirname, 'simulated-sdf.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'daoju-sdf-'));
const dir = path.join(folder, 'device');
const pinFile = path.join(folder, 'pin');
const PIN = '39 cranes';
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = [process.execPath, PROGRAM, '--dir', dir];
const silent = { info: () => undefined, error: () => undefined };
const open = (given: { readonly pin?: string; readonly key?: number } = {}) =>
  openSdfDevice({ command, key: given.key ?? 1, pin: given.pin ?? PIN }, { sm2, log: silent });
const breakIt = (fault: string) => writeFileSync(path.join(dir, 'fault'), fault);
const faultOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof SdfFault ? [error.sdr, error.message] : error;
};
const triesLeft = (): unknown => JSON.parse(readFileSync(path.join(dir, 'device.json'), 'utf8')).triesLeft;

test('a device signs with a key that never leaves it, goes on after a lost session, and is never believed unseen', async () => {
  writeFileSync(pinFile, `${PIN}\n`);
  const made = spawnSync(process.execPath, [PROGRAM, '--dir', dir, '--init', pinFile], { encoding: 'utf8' });
  const publicKey = fromHex(made.stdout.trim(), 64);
  expect(readFileSync(path.join(dir, 'device.json'), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
  const device = await open();
  expect(device.publicKey).toEqual(publicKey);
  const message = utf8('a vote');
  const [one, two] = await Promise.all([device.sign(message), device.sign(message)]);
  expect(one).not.toEqual(two);
  for (const sig of [one, two]) expect(sm2.verify(publicKey, message, sig)).toBe(true);

  // The session is lost: one more login, and nobody notices.
  breakIt('communication');
  expect(sm2.verify(publicKey, message, await device.sign(message))).toBe(true);
  expect(device.failure()).toBeNull();

  breakIt('wrong');
  expect(await faultOf(device.sign(message))).toEqual([null, expect.stringContaining('not by the key')]);
  breakIt('hardware');
  expect(await faultOf(device.sign(message))).toEqual([SDR.hardware, expect.stringContaining('0x01000004')]);
  expect(device.failure()).toContain('0x01000004');
  breakIt('');
  expect(sm2.verify(publicKey, message, await device.sign(message))).toBe(true);
  expect(device.failure()).toBeNull();
  device.close();
}, 30_000);

test('a device that is silent is absent after two seconds, and signs again when it speaks', async () => {
  const device = await open();
  breakIt('silent');
  const begun = performance.now();
  expect(await faultOf(device.sign(utf8('x')))).toEqual([null, expect.stringContaining('no answer in time')]);
  expect(performance.now() - begun).toBeGreaterThan(2_000);
  breakIt('');
  expect(await device.sign(utf8('x'))).toHaveLength(64);
  device.close();
}, 20_000);

test('a wrong PIN is said once: the device counts, and locks itself only for whoever goes on', async () => {
  expect(await faultOf(open({ key: 7 }))).toEqual([SDR.noKey, expect.stringContaining('no such key')]);
  expect(await faultOf(open({ pin: 'wrong' }))).toEqual([SDR.noRight, expect.stringContaining('PIN')]);
  expect(triesLeft()).toBe(4);
  (await open()).close();
  expect(triesLeft()).toBe(5);
  const stateFile = path.join(dir, 'device.json');
  writeFileSync(stateFile, JSON.stringify({ ...JSON.parse(readFileSync(stateFile, 'utf8')), triesLeft: 1 }));
  expect(await faultOf(open({ pin: 'wrong' }))).toEqual([SDR.noRight, expect.stringContaining('PIN')]);
  expect(await faultOf(open())).toEqual([SDR.noRight, expect.stringContaining('locked')]);
  writeFileSync(stateFile, JSON.stringify({ ...JSON.parse(readFileSync(stateFile, 'utf8')), triesLeft: 5 }));
  // Somebody changes the PIN while the node runs: after the next lost session it is said once, however often the node has to sign.
  const device = await open();
  const other = path.join(folder, 'other');
  const otherPin = path.join(folder, 'other-pin');
  writeFileSync(otherPin, 'another\n');
  spawnSync(process.execPath, [PROGRAM, '--dir', other, '--init', otherPin]);
  const { key } = JSON.parse(readFileSync(path.join(other, 'device.json'), 'utf8'));
  writeFileSync(stateFile, JSON.stringify({ ...JSON.parse(readFileSync(stateFile, 'utf8')), key }));
  breakIt('communication');
  for (let vote = 0; vote < 3; vote++) expect(await faultOf(device.sign(utf8('x')))).toEqual([SDR.noRight, expect.stringContaining('PIN')]);
  expect(triesLeft()).toBe(4);
  device.close();
  const nobody = openSdfDevice({ command: [path.join(folder, 'no-such-driver')], key: 1, pin: PIN }, { sm2, log: silent });
  expect(await faultOf(nobody)).toEqual([null, expect.stringContaining('driver has ended')]);
}, 20_000);
