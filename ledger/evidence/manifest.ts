/** `manifest.json` of an evidence package (rulebook 7.2): RFC 8785, and read as strictly as it is written. */
import { canonicalBytes, type Json } from '#ledger/codec/canonical-json.ts';
import { equalBytes, fromUtf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Words } from '#ledger/verify/codes.ts';

export const MANIFEST_SCHEMA = 'daoju.evidence/1';
export const MANIFEST_FILE = 'manifest.json';
export const SIGNATURE_FILE = 'manifest.p7s';
export const TIME_STAMP_FILE = 'manifest.tsr';
export const MAX_PACKAGE_FILES = 500;
export const MAX_PACKAGE_BYTES = 32 * 1024 * 1024;

export type ManifestItem = {
  readonly path: string;
  readonly sm3: string;
  readonly size: number;
  readonly kind: string;
  readonly createdAt: string;
  readonly source: string;
};
export type Manifest = {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly caseRef: string;
  readonly exportedAt: string;
  readonly chainId: string;
  readonly genesisHash: string;
  readonly subject: { readonly kind: 'trade' | 'item'; readonly id: string };
  readonly checkpoint: { readonly height: string; readonly hash: string; readonly witness: readonly string[] };
  readonly items: readonly ManifestItem[];
  readonly claims: readonly { readonly id: string; readonly text: Words; readonly itemPaths: readonly string[] }[];
  readonly standards: readonly string[];
  readonly interestStatement: Words;
  readonly notLicensedWarnings: readonly Words[];
  /** `none` is said here, under the signature, so that a token can't be taken out. */
  readonly timeStamp: 'rfc3161' | 'none';
};

const PATH = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_-]*(?:[./][A-Za-z0-9][A-Za-z0-9_-]*)*$/;

/** @throws {ParseError} `manifest_malformed` */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value = readJson(bytes);
  const manifest = recordOf(value);
  const { schema, caseRef, exportedAt, chainId, genesisHash, subject, checkpoint, items, claims, standards, interestStatement } = manifest;
  const { notLicensedWarnings, timeStamp } = manifest;
  const about = recordOf(subject);
  const point = recordOf(checkpoint);
  if (schema !== MANIFEST_SCHEMA || (timeStamp !== 'rfc3161' && timeStamp !== 'none')) throw malformed('schema');
  if (about.kind !== 'trade' && about.kind !== 'item') throw malformed('subject');
  return {
    schema,
    caseRef: textOf(caseRef),
    exportedAt: textOf(exportedAt),
    chainId: textOf(chainId),
    genesisHash: textOf(genesisHash),
    subject: { kind: about.kind, id: textOf(about.id) },
    checkpoint: { height: textOf(point.height), hash: textOf(point.hash), witness: listOf(point.witness).map(textOf) },
    items: listOf(items).map(readItem),
    claims: listOf(claims).map((claim) => {
      const { id, text, itemPaths } = recordOf(claim);
      return { id: textOf(id), text: wordsOf(text), itemPaths: listOf(itemPaths).map(textOf) };
    }),
    standards: listOf(standards).map(textOf),
    interestStatement: wordsOf(interestStatement),
    notLicensedWarnings: listOf(notLicensedWarnings).map(wordsOf),
    timeStamp,
  };
}

function readItem(value: Json | undefined): ManifestItem {
  const { path, sm3, size, kind, createdAt, source } = recordOf(value);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw malformed('size');
  const name = textOf(path);
  if (!PATH.test(name)) throw malformed('path');
  return { path: name, sm3: textOf(sm3), size, kind: textOf(kind), createdAt: textOf(createdAt), source: textOf(source) };
}

/** A document of the package: canonical JSON and nothing else. @throws {ParseError} `manifest_malformed` */
export function readJson(bytes: Uint8Array): Json {
  let value: Json;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw malformed('JSON');
  }
  if (!equalBytes(canonicalBytes(value), bytes)) throw malformed('RFC 8785');
  return value;
}

export function recordOf(value: Json | undefined): { readonly [key: string]: Json } {
  if (typeof value !== 'object' || value === null || isList(value)) throw malformed('an object');
  return value;
}

export function listOf(value: Json | undefined): readonly Json[] {
  if (typeof value !== 'object' || value === null || !isList(value)) throw malformed('a list');
  return value;
}

export function textOf(value: Json | undefined): string {
  if (typeof value !== 'string') throw malformed('a text');
  return value;
}

function wordsOf(value: Json | undefined): Words {
  const { zh, en } = recordOf(value);
  return { zh: textOf(zh), en: textOf(en) };
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);

function malformed(what: string): ParseError {
  return new ParseError('manifest_malformed', { what });
}
