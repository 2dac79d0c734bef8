/**
 * The HSM form of the signer (`ledger.md` 20): the node key in a cryptographic device behind the interface of GM/T 0018 (SDF). A driver
 * program beside it links the vendor's library and answers one JSON line for each; the tables of 10.4 stand before it as before any key.
 *
 *   → {"id":1,"call":"SDF_GetPrivateKeyAccessRight","key":1,"pin":"…"}     ← {"id":1,"sdr":0}
 *   → {"id":2,"call":"SDF_ExportSignPublicKey_ECC","key":1}               ← {"id":2,"sdr":0,"data":"x‖y, 128 hex digits"}
 *   → {"id":3,"call":"SDF_InternalSign_ECC","key":1,"data":"e, 64 digits"} ← {"id":3,"sdr":0,"data":"r‖s, 128 digits"}
 *
 * The device gets e = SM3(Z ‖ M) with the default id and never a message. `sdr` is the code of GM/T 0018, appendix A.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { digestOf, isOnCurve, type Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerLog } from '../types.ts';
import type { KeyDevice } from './signer.ts';

/** GM/T 0018-2012, appendix A; those that are told apart here. */
export const SDR = {
  ok: 0,
  notSupported: 0x01000002,
  communication: 0x01000003,
  hardware: 0x01000004,
  openSession: 0x01000006,
  noRight: 0x01000007,
  noKey: 0x01000008,
  signing: 0x0100000d,
} as const;

export const SDF_CALLS = ['SDF_GetPrivateKeyAccessRight', 'SDF_ExportSignPublicKey_ECC', 'SDF_InternalSign_ECC'] as const;
export type SdfRequest = { readonly id: number; readonly key: number } & (
  | { readonly call: 'SDF_GetPrivateKeyAccessRight'; readonly pin: string }
  | { readonly call: 'SDF_ExportSignPublicKey_ECC' }
  | { readonly call: 'SDF_InternalSign_ECC'; readonly data: string }
);
/** `data` where the call has a result. */
export type SdfReply = { readonly id: number; readonly sdr: number; readonly data?: string };

/** A device that answers no, or nothing, or wrongly. The next signature tries again from the start. */
export class SdfFault extends Error {
  /** Null: no answer in time, or one that does not hold. */
  readonly sdr: number | null;
  constructor(call: string, sdr: number | null, detail: string) {
    super(`${call}: ${sdr === null ? detail : `the device answers 0x${sdr.toString(16).padStart(8, '0')}${detail}`}`);
    this.sdr = sdr;
  }
}

export interface SdfPlace {
  /** The driver program and its arguments. */
  readonly command: readonly string[];
  /** Index of the signing key in the device. */
  readonly key: number;
  readonly pin: string;
}
export interface SdfDevice extends KeyDevice {
  /** Why the last signature failed; null while it signs. */
  failure(): string | null;
  close(): void;
}

/** A node takes a signer that is silent for longer as absent. */
const CALL_MS = 2_000;
/** Before the first signature nobody waits for one, and a driver program may take its time to load. */
const OPENING_MS = 30_000;
/** After these a session that is opened anew may do better. */
const PASSING: readonly (number | null)[] = [null, SDR.communication, SDR.hardware, SDR.openSession, SDR.noRight];

/** Resolves when the device has given its key and signed once. @throws {SdfFault} */
export async function openSdfDevice(place: SdfPlace, { sm2, log }: { readonly sm2: Sm2; readonly log: LedgerLog }): Promise<SdfDevice> {
  let line: DriverLine | null = null;
  let failure: string | null = null;
  let refusedPin: SdfFault | null = null;

  const connect = async (limitMs = CALL_MS): Promise<DriverLine> => {
    // A device locks itself after a few wrong PINs: this one is said once and never again by this process.
    if (refusedPin !== null) throw refusedPin;
    const opened = startDriver(place.command, log);
    try {
      await opened.ask({ call: 'SDF_GetPrivateKeyAccessRight', key: place.key, pin: place.pin }, limitMs);
      return opened;
    } catch (error) {
      opened.end();
      if (error instanceof SdfFault && error.sdr === SDR.noRight) refusedPin = error;
      throw error;
    }
  };
  const publicKey = await exported();

  async function exported(): Promise<Bytes> {
    line = await connect(OPENING_MS);
    const key = hexOf(await line.ask({ call: 'SDF_ExportSignPublicKey_ECC', key: place.key }), 64, 'SDF_ExportSignPublicKey_ECC');
    if (!isOnCurve(key)) throw new SdfFault('SDF_ExportSignPublicKey_ECC', null, 'the key is not on the curve of SM2');
    return key;
  }
  /** What leaves here verifies: a device that has another key by now, or answers wrongly, is none. */
  const signOnce = async (message: Bytes): Promise<Bytes> => {
    line ??= await connect();
    const call = 'SDF_InternalSign_ECC';
    const sig = hexOf(await line.ask({ call, key: place.key, data: toHex(digestOf(publicKey, message)) }), 64, call);
    if (!sm2.verify(publicKey, message, sig)) throw new SdfFault(call, null, 'the signature is not by the key that the device named');
    return sig;
  };
  const sign = async (message: Bytes): Promise<Bytes> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const sig = await signOnce(message);
        if (failure !== null) log.info('the cryptographic device signs again');
        failure = null;
        return sig;
      } catch (error) {
        line?.end();
        line = null;
        const fault = error instanceof SdfFault ? error : new SdfFault('SDF_InternalSign_ECC', null, String(error));
        if (attempt > 0 || !PASSING.includes(fault.sdr)) {
          failure = fault.message;
          throw fault;
        }
      }
    }
  };
  const probe = new Uint8Array(32);
  await sign(probe);
  return {
    publicKey,
    sign,
    failure: () => failure,
    close: () => {
      line?.end();
      line = null;
    },
  };
}

/** What a call asks, without its number. */
type SdfAsk = SdfRequest extends infer Each ? (Each extends SdfRequest ? Omit<Each, 'id'> : never) : never;
interface DriverLine {
  /** @throws {SdfFault} also when there is no answer within `limitMs` */
  ask(request: SdfAsk, limitMs?: number): Promise<string>;
  end(): void;
}
type Waiting = { readonly call: string; readonly answer: (reply: SdfReply | null) => void };

function startDriver(command: readonly string[], log: LedgerLog): DriverLine {
  const [program = '', ...args] = command;
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, Waiting>();
  let isOver = false;
  let last = 0;
  const fail = (): void => {
    isOver = true;
    for (const { answer } of waiting.values()) answer(null);
    waiting.clear();
  };
  child.once('exit', fail);
  child.once('error', (error) => {
    log.error(`the driver of the cryptographic device does not run: ${error.message}`);
    fail();
  });
  child.stdin.on('error', fail);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const reply = replyIn(text);
    if (reply === null) return;
    waiting.get(reply.id)?.answer(reply);
    waiting.delete(reply.id);
  });
  return {
    ask: (request, limitMs = CALL_MS) =>
      new Promise((resolve, reject) => {
        if (isOver) return reject(new SdfFault(request.call, null, 'the driver has ended'));
        last += 1;
        const id = last;
        const timer = setTimeout(() => settle(null), limitMs);
        const settle = (reply: SdfReply | null): void => {
          clearTimeout(timer);
          waiting.delete(id);
          if (reply === null) reject(new SdfFault(request.call, null, isOver ? 'the driver has ended' : 'no answer in time'));
          else if (reply.sdr !== SDR.ok) reject(new SdfFault(request.call, reply.sdr, MEANINGS[reply.sdr] ?? ''));
          else resolve(reply.data ?? '');
        };
        waiting.set(id, { call: request.call, answer: settle });
        child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
      }),
    end: () => {
      isOver = true;
      child.kill();
    },
  };
}

const MEANINGS: Readonly<Record<number, string>> = {
  [SDR.noRight]: ': no right to the private key, the PIN is wrong or locked',
  [SDR.noKey]: ': there is no such key',
};

function replyIn(text: string): SdfReply | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('id' in value) || !('sdr' in value)) return null;
    const { id, sdr } = value;
    if (typeof id !== 'number' || typeof sdr !== 'number') return null;
    return 'data' in value && typeof value.data === 'string' ? { id, sdr, data: value.data } : { id, sdr };
  } catch {
    return null;
  }
}

function hexOf(text: string, length: number, call: string): Bytes {
  if (!new RegExp(`^[0-9a-f]{${length * 2}}$`).test(text)) throw new SdfFault(call, null, `${length} bytes in hex are expected`);
  return fromHex(text, length);
}
