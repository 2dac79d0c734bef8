/** Writes WebAssembly by hand: straight-line functions over one memory, as few words of the format as our arithmetic needs. No toolchain
 *  and no binary file: what runs is generated from the code beside this, and tested like any other. */
import { assert } from '#ledger/primitives/assert.ts';

/** Opcodes and their immediates. */
export type Code = readonly number[];

export interface WasmFunction {
  readonly name: string;
  /** All of them i32: addresses in memory. */
  readonly params: number;
  readonly locals32: number;
  readonly locals64: number;
  readonly code: Code;
}

export interface WasmModule {
  readonly memory: WebAssembly.Memory;
  /** An exported function; it answers nothing. */
  call(name: string): (...addresses: number[]) => void;
}

const I32 = 0x7f;
const I64 = 0x7e;

/** Unsigned LEB128. */
function u(value: number): Code {
  const out: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    out.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return out;
}

/** Signed LEB128 of 32 bits. */
function s(value: number): Code {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...out, low];
    out.push(low | 0x80);
  }
}

export const get = (local: number): Code => [0x20, ...u(local)];
export const set = (local: number): Code => [0x21, ...u(local)];
export const call = (index: number): Code => [0x10, ...u(index)];

export const i32 = {
  constant: (value: number): Code => [0x41, ...s(value)],
  /** Little-endian. */
  load: (offset: number): Code => [0x28, 2, ...u(offset)],
  store: (offset: number): Code => [0x36, 2, ...u(offset)],
  add: [0x6a],
  and: [0x71],
  or: [0x72],
  xor: [0x73],
  rotl: [0x77],
} as const;

export const i64 = {
  /** Within 32 bits. */
  constant: (value: number): Code => [0x42, ...s(value)],
  /** A signed word of four bytes. */
  load: (offset: number): Code => [0x34, 2, ...u(offset)],
  store: (offset: number): Code => [0x3e, 2, ...u(offset)],
  add: [0x7c],
  sub: [0x7d],
  mul: [0x7e],
  and: [0x83],
  shl: [0x86],
  shrS: [0x87],
} as const;

function vec(items: readonly Code[]): Code {
  return [...u(items.length), ...items.flat()];
}
function section(id: number, body: Code): Code {
  return [id, ...u(body.length), ...body];
}
function name(text: string): Code {
  return [...u(text.length), ...[...text].map((letter) => letter.charCodeAt(0))];
}

/** Compiled at once and started on a memory of its own. Functions call each other by their place in the list. */
export function startWasm(functions: readonly WasmFunction[], pages: number): WasmModule {
  const bodies = functions.map(({ locals32, locals64, code }) => {
    const body = [
      ...vec([
        [...u(locals32), I32],
        [...u(locals64), I64],
      ]),
      ...code,
      0x0b,
    ];
    return [...u(body.length), ...body];
  });
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vec(functions.map(({ params }) => [0x60, ...vec(Array.from({ length: params }, () => [I32])), 0]))),
    ...section(3, vec(functions.map((_, index) => u(index)))),
    ...section(5, vec([[0x00, ...u(pages)]])),
    ...section(7, vec([[...name('memory'), 2, 0], ...functions.map((each, index) => [...name(each.name), 0, ...u(index)])])),
    ...section(10, vec(bodies)),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { memory } = exports;
  assert(memory instanceof WebAssembly.Memory, 'a module has its memory');
  return {
    memory,
    call: (wanted) => {
      const found = exports[wanted];
      assert(isCode(found), `the module has ${wanted}`);
      return found;
    },
  };
}

function isCode(value: unknown): value is (...addresses: number[]) => void {
  return typeof value === 'function';
}
