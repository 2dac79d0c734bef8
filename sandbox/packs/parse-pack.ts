/** Reads a pack from a document: grammar, then meaning. What it gives has the hash of the document. */

import { checkPack } from './check-pack.ts';
import { packDocument } from './pack-grammar.ts';
import type { RulePack } from './rule-pack.ts';

/** @throws {ParseError} one of PACK_FAULTS, with the place and what was expected there */
export function parsePack(input: unknown): RulePack {
  const pack = packDocument(input, '');
  checkPack(pack);
  return pack;
}

/** A document that was in force once: its grammar is read, what the engine asks of new packs is not. @throws {ParseError} `pack_malformed` */
export function readStoredPack(input: unknown): RulePack {
  return packDocument(input, '');
}
