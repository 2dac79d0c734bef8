/**
 * A simulated cryptographic device with its driver: what stands in for a vendor's HSM under `--role signer` until there is one. It has a
 * folder of its own with its key, counts wrong PINs and locks itself after five, answers as slowly as it is told, and fails in the way that
 * the file `fault` in its folder names. Lines and codes are those of `ledger/node/signer/sdf-device.ts`.
 *
 *   node server/members/simulated-sdf.ts --dir FOLDER --init PINFILE      makes key 1, sealed with the PIN
 *   node server/members/simulated-sdf.ts --dir FOLDER [--latency-ms N]    answers on standard output
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { generatePrivateKey, publicKeyOf, signDigest } from '#ledger/crypto/sm2.ts';
import { openPrivateKey, sealPrivateKey } from '#ledger/node/key-file.ts';
import { SDF_CALLS, SDR, type SdfReply } from '#ledger/node/signer/sdf-device.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { systemRandom } from '#server/random.ts';

const PIN_TRIES = 5;
/** `silent`: no answer; `wrong`: a signature by nobody; `communication`: the session is lost once; `hardware`: until it is repaired. */
const FAULTS = ['silent', 'wrong', 'communication', 'hardware'] as const;

const device = z.object({ key: z.string(), publicKey: z.string(), triesLeft: z.number().int() });
type Device = z.infer<typeof device>;
const request = z.object({
  id: z.number().int(),
  call: z.enum(SDF_CALLS),
  key: z.number().int(),
  pin: z.string().optional(),
  data: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
type Request = z.infer<typeof request>;

const { values } = parseArgs({
  options: { dir: { type: 'string' }, init: { type: 'string' }, 'latency-ms': { type: 'string', default: '0' } },
});
const dir = values.dir;
if (dir === undefined) throw new Error('--dir FOLDER: where the simulated device lives');
const stateFile = path.join(dir, 'device.json');
const faultFile = path.join(dir, 'fault');

const readDevice = (): Device => device.parse(JSON.parse(readFileSync(stateFile, 'utf8')));
function writeDevice(next: Device): void {
  writeFileSync(`${stateFile}.new`, JSON.stringify(next), { mode: 0o600 });
  renameSync(`${stateFile}.new`, stateFile);
}

/** Held while this session has the right to the key. */
let privateKey: Bytes | null = null;

function takeFault(): (typeof FAULTS)[number] | null {
  if (!existsSync(faultFile)) return null;
  const named = readFileSync(faultFile, 'utf8').trim();
  const fault = FAULTS.find((each) => each === named) ?? null;
  // A lost session is lost once.
  if (fault === 'communication') writeFileSync(faultFile, '');
  return fault;
}

function answer(asked: Request): Omit<SdfReply, 'id'> | null {
  const fault = takeFault();
  if (fault === 'silent') return null;
  if (fault === 'hardware') return { sdr: SDR.hardware };
  if (fault === 'communication') {
    privateKey = null;
    return { sdr: SDR.communication };
  }
  if (asked.key !== 1) return { sdr: SDR.noKey };
  const state = readDevice();
  switch (asked.call) {
    case 'SDF_GetPrivateKeyAccessRight':
      return { sdr: unlock(state, asked.pin ?? '') };
    case 'SDF_ExportSignPublicKey_ECC':
      return { sdr: SDR.ok, data: state.publicKey };
    case 'SDF_InternalSign_ECC': {
      if (privateKey === null) return { sdr: SDR.noRight };
      if (asked.data === undefined) return { sdr: SDR.signing };
      const digest = fromHex(asked.data, 32);
      if (fault === 'wrong') digest[0] = (digest[0] ?? 0) ^ 1;
      return { sdr: SDR.ok, data: toHex(signed(privateKey, digest)) };
    }
  }
}

function unlock(state: Device, pin: string): number {
  if (state.triesLeft <= 0) return SDR.noRight;
  try {
    privateKey = openPrivateKey(state.key, pin);
    writeDevice({ ...state, triesLeft: PIN_TRIES });
    return SDR.ok;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    writeDevice({ ...state, triesLeft: state.triesLeft - 1 });
    return SDR.noRight;
  }
}

/** Not every nonce makes a signature. */
function signed(key: Bytes, digest: Bytes): Bytes {
  for (;;) {
    const sig = signDigest(key, digest, BigInt(`0x${toHex(generatePrivateKey((length) => systemRandom.bytes(length)))}`));
    if (sig !== null) return sig;
  }
}

if (values.init !== undefined) {
  if (existsSync(stateFile)) throw new Error(`${stateFile} is there already`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const made = generatePrivateKey((length) => systemRandom.bytes(length));
  const pin = readFileSync(values.init, 'utf8').trim();
  const key = sealPrivateKey(made, pin, (length) => systemRandom.bytes(length));
  writeDevice({ key, publicKey: toHex(publicKeyOf(made)), triesLeft: PIN_TRIES });
  process.stdout.write(`${toHex(publicKeyOf(made))}\n`);
} else {
  const latency = Number(values['latency-ms']);
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = request.safeParse(JSON.parse(line));
    if (!asked.success) continue;
    if (latency > 0) await sleep(latency);
    const reply = answer(asked.data);
    if (reply !== null) process.stdout.write(`${JSON.stringify({ id: asked.data.id, ...reply })}\n`);
  }
}
