/** Reads published vector files as they are (`test/vectors/README.md` says where each comes from). */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Bytes, fromHex, utf8 } from '#ledger/primitives/bytes.ts';

const ROOT = new URL('../vectors/', import.meta.url);

export function vectorBytes(path: string): Bytes {
  const bytes = readFileSync(new URL(path, ROOT));
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

export function vectorText(path: string): string {
  return new TextDecoder().decode(vectorBytes(path));
}

export function vectorFiles(folder: string): readonly string[] {
  return readdirSync(new URL(folder, ROOT)).sort();
}

export type Stanza = ReadonlyMap<string, string>;

/** `Name = value` lines; a blank line ends a stanza. Comments and sections are skipped, quoted text keeps its quotes. */
export function stanzas(text: string): readonly Stanza[] {
  const out: Map<string, string>[] = [];
  let open = new Map<string, string>();
  for (const line of [...text.split('\n'), '']) {
    const match = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line.trim());
    const [, name, value] = match ?? [];
    if (name !== undefined && value !== undefined && !line.startsWith('#')) open.set(name, value.trim());
    else if (line.trim() === '' && open.size > 0) {
      out.push(open);
      open = new Map();
    }
  }
  return out;
}

/** Hex in either case, with or without `0x`, or quoted text. */
export function stanzaBytes(stanza: Stanza, name: string): Bytes {
  const value = stanza.get(name) ?? '';
  if (value.startsWith('"')) return utf8(value.slice(1, -1));
  return fromHex(value.replace(/^0x/, '').toLowerCase());
}
