/** The envelope of one feed message and its hashes (product V-25). The same rules run in the browser, on the ledger's SM3. */
import { hash as hashOnce } from 'node:crypto';
import { canonicalBytes, canonicalText, type Json } from '#ledger/codec/canonical-json.ts';
import { concat, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';

export type JsonObject = { readonly [key: string]: Json };

/** What an area writes: number, hashes and id are the outbox's business. */
export type NewMessage = { readonly room: string; readonly type: string; readonly body: JsonObject; readonly at: Instant };

/** As sent. `body` is outside the chain hash but bound to it by `bodyHash`. */
export type FeedMessage = {
  readonly id: string;
  readonly seq: number;
  readonly room: string;
  readonly type: string;
  readonly schema: string;
  readonly ts: string;
  readonly body: JsonObject;
  readonly bodyHash: string;
  readonly prevHash: string;
};

/** `sig` = SM2 over `daoju.feed-head/1`, 0A and the RFC 8785 bytes of the other fields. */
export type FeedHead = {
  readonly room: string;
  readonly seq: number;
  readonly hash: string;
  readonly ts: string;
  readonly keyId: string;
  readonly sig: string;
};

export const FEED_SCHEMA = 'daoju.feed/1';
export const FIRST_PREV_HASH = '0'.repeat(64);

/** OpenSSL's SM3 of the text's UTF-8 bytes. */
function sm3Hex(text: string): string {
  return hashOnce('sm3', text, 'hex');
}

export type SealedMessage = FeedMessage & { readonly bodyText: string; readonly hash: string };

/** Numbers and chains one message after `prevHash`. */
export function sealMessage({ room, type, body, at }: NewMessage, seq: number, prevHash: string): SealedMessage {
  const bodyText = canonicalText(body);
  const bodyHash = sm3Hex(bodyText);
  const ts = toIso(at);
  // The id follows from place and content: a message that is sent twice is recognised by it alone.
  const id = `msg_${sm3Hex(`${room}\n${seq}\n${bodyHash}`).slice(0, 32)}`;
  const envelope = { id, seq, room, type, schema: FEED_SCHEMA, ts, bodyHash, prevHash };
  return { ...envelope, body, bodyText, hash: hashEnvelope(envelope) };
}

/** The hash that the next message and the head name. */
export function hashEnvelope(envelope: Omit<FeedMessage, 'body'>): string {
  const { id, seq, room, type, schema, ts, bodyHash, prevHash } = envelope;
  return sm3Hex(canonicalText({ id, seq, room, type, schema, ts, bodyHash, prevHash }));
}

export function hashBody(body: JsonObject): string {
  return sm3Hex(canonicalText(body));
}

const SIGNED_LABEL = /^daoju\.[a-z-]+\/1$/;

/** What an off-ledger signature covers (`ledger.md` 3): label, 0A, RFC 8785 bytes. */
export function signedBytes(label: string, document: JsonObject): Uint8Array {
  if (!SIGNED_LABEL.test(label)) throw new Error(`not a label of an off-ledger signature: ${label}`);
  return concat(utf8(`${label}\n`), canonicalBytes(document));
}

export function headBytes({ room, seq, hash, ts, keyId }: Omit<FeedHead, 'sig'>): Uint8Array {
  return signedBytes('daoju.feed-head/1', { room, seq, hash, ts, keyId });
}
