/**
 * What a supervisor gives the member that takes over, once the members have decided so: the envelopes of all trades and people, and the keys
 * that open them, each wrapped anew for that member (`ledger.md` 15.2). Without its own keys the file opens nothing.
 */

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Member } from '#ledger/codec/config.ts';
import { envHash } from '#ledger/crypto/envelope.ts';
import {
  decodeEnvelope,
  decodeKeyGrant,
  decodeSignedKeyGrant,
  encodeKeyGrant,
  encodeSignedKeyGrant,
} from '#ledger/crypto/envelope-codec.ts';
import { grantKey, openGrant, verifyGrant } from '#ledger/crypto/key-grant.ts';
import type { RandomBytes, Sm2 } from '#ledger/crypto/sm2.ts';
import type { NodeKeys } from '#ledger/node/keys.ts';
import { insertEnvelopes, insertGrants, memberRecipient, readGrants, streamEnvelopes } from '#ledger/node/store/envelopes.ts';
import { type Bytes, equalBytes, fromBase64, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';
import { findKeptPapers, keepPapers } from './papers.repo.ts';
import { openPapers, readKept, sealedPapers, sealPapers } from './papers.ts';

const SCHEMA = 'daoju.hand-over/1';
const head = z.object({ schema: z.literal(SCHEMA), chain: z.string(), from: z.int(), to: z.int() });
const line = z.union([z.object({ grant: z.base64() }), z.object({ envelope: z.base64() }), z.object({ papers: sealedPapers })]);
const BATCH = 200;

export type HandOverGround = {
  readonly sql: Sql;
  readonly chain: Bytes;
  readonly sm2: Sm2;
  readonly keys: Pick<NodeKeys, 'node' | 'encryption'>;
};
/** `papers`: whether the desk's papers are with it. */
export type HandedOver = { readonly grants: number; readonly envelopes: number; readonly papers: boolean };
/** `from`: the member that gave it. */
export type TakenIn = HandedOver & { readonly from: number };

/** Written whole under another name first: `file` is never half of it. */
export async function writeHandOver(
  ground: HandOverGround & { readonly random: RandomBytes },
  file: string,
  { from, to }: { readonly from: Member; readonly to: Member },
): Promise<HandedOver> {
  const { sql, chain, sm2, keys, random } = ground;
  const out = createWriteStream(file, { mode: 0o600 });
  const write = async (text: object): Promise<void> => {
    if (!out.write(`${JSON.stringify(text)}\n`)) await once(out, 'drain');
  };
  await write({ schema: SCHEMA, chain: toHex(chain), from: from.id, to: to.id });
  const counts = { grants: 0, envelopes: 0, papers: false };
  const papers = await papersFor(ground, to);
  if (papers !== null) {
    await write({ papers });
    counts.papers = true;
  }
  for (const { grant: body } of await readGrants(sql, memberRecipient(from.id))) {
    const grant = decodeKeyGrant(body);
    const key = openGrant(keys.encryption.privateKey, grant);
    if (key === null) continue;
    const { kid, from: since, until } = grant;
    const recipient = { kind: 'member', member: to.id } as const;
    const input = {
      chain,
      kid,
      issuer: from.id,
      recipient,
      from: since,
      until,
      key,
      recipientKey: to.encPub,
      issuerPrivateKey: keys.node.privateKey,
    };
    await write({ grant: toBase64(encodeSignedKeyGrant(grantKey(sm2, input, random))) });
    counts.grants += 1;
  }
  for await (const bytes of streamEnvelopes(sql)) {
    await write({ envelope: toBase64(bytes) });
    counts.envelopes += 1;
  }
  out.end();
  await once(out, 'close');
  return counts;
}

/** The supervisor's own copy, sealed anew for the heir. */
async function papersFor({ sql, sm2, chain, keys, random }: HandOverGround & { readonly random: RandomBytes }, to: Member) {
  const kept = await findKeptPapers(sql);
  const papers = kept === null ? null : readKept(keys.encryption.privateKey, kept);
  return papers === null ? null : sealPapers({ sm2, chain, random, privateKey: keys.node.privateKey, to }, papers);
}

/** Takes in what is for this member and signed by the member that gave it; the rest is passed over. @throws {Error} for another chain's file */
export async function takeHandOver(ground: HandOverGround, file: string, self: Member, members: readonly Member[]): Promise<TakenIn> {
  const { sql, chain, sm2, keys } = ground;
  const counts = { grants: 0, envelopes: 0, papers: false };
  let issuer: Member | null = null;
  let waiting: { readonly hash: Bytes; readonly ref: Bytes; readonly bytes: Bytes }[] = [];
  const flush = async (): Promise<void> => {
    await sql.begin((tx) => insertEnvelopes(tx, waiting));
    counts.envelopes += waiting.length;
    waiting = [];
  };
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (issuer === null) {
      issuer = issuerOf(text, chain, self, members);
      continue;
    }
    const given = line.parse(JSON.parse(text));
    if ('papers' in given) {
      const opening = { sm2, chain, publicKeys: [issuer.pub], self: self.id, encryptionKey: keys.encryption.privateKey };
      if (openPapers(opening, given.papers) !== null) counts.papers = (await keepPapers(sql, given.papers)) || counts.papers;
      continue;
    }
    if ('envelope' in given) {
      const bytes = fromBase64(given.envelope);
      const envelope = decodeEnvelope(bytes);
      if (equalBytes(envelope.chain, chain)) waiting.push({ hash: envHash(envelope), ref: envelope.ref, bytes });
      if (waiting.length >= BATCH) await flush();
      continue;
    }
    const signed = decodeSignedKeyGrant(fromBase64(given.grant));
    const { grant, sig } = signed;
    const isForUs = grant.recipient.kind === 'member' && grant.recipient.member === self.id;
    if (!isForUs || grant.issuer !== issuer.id || !verifyGrant(sm2, issuer.pub, signed)) continue;
    const row = { kid: grant.kid, acct: memberRecipient(self.id), from: grant.from, until: grant.until, body: encodeKeyGrant(grant), sig };
    await sql.begin((tx) => insertGrants(tx, [row]));
    counts.grants += 1;
  }
  await flush();
  if (issuer === null) throw new Error('this file is empty');
  return { ...counts, from: issuer.id };
}

function issuerOf(text: string, chain: Bytes, self: Member, members: readonly Member[]): Member {
  const stated = head.parse(JSON.parse(text));
  if (stated.chain !== toHex(chain)) throw new Error(`this file is of chain ${stated.chain}, and this member keeps ${toHex(chain)}`);
  if (stated.to !== self.id) throw new Error(`this file is for member ${stated.to}, and this is member ${self.id}`);
  const issuer = members.find(({ id }) => id === stated.from);
  if (issuer === undefined) throw new Error(`member ${stated.from}, who gave this file, is no member of the configuration in force`);
  return issuer;
}
