/** Formats that members speak among themselves: one encoding per value, and the sizes of `ledger.md` 10.1, 13.1. */
import { describe, expect, test } from 'vitest';
import { ParseError } from '#ledger/primitives/errors.ts';
import { bytes16, bytes32 } from '#test/vectors/ledger-world.ts';
import { recoveredChain } from '#test/vectors/recovered-world.ts';
import { decodeSubmitPromise, encodeSubmitPromise } from './header.ts';
import { decodePeerBody, encodePeerBody, type PeerBody, peerTypeOf } from './peer-body.ts';
import { decodeSignedPeerMessage, encodePeerMessage, encodeSignedPeerMessage, PEER_TYPE } from './peer-message.ts';
import { decodeRecovery, decodeSeal, decodeSignedSeal, encodeRecovery, encodeSeal, encodeSignedSeal } from './recovery.ts';
import { decodeEntry } from './tx.ts';

const { world, recovery } = recoveredChain(0);
const { base, tip } = recovery;
const [seal] = recovery.seals;
if (base === null || seal === undefined || world.tip.finality === null) throw new Error('the chain has been through a recovery');
const entries = world.entries.map((stored) => decodeEntry(stored.entry));
const block = { header: base.header, entries: entries.slice(1) };
const [sig] = base.set.sigs;
const vote = { epoch: 0, height: 2n, term: 4n, header: base.set.header, member: 1 };
const statement = { vote, sig: sig?.sig ?? bytes32('none') };
const refusal = { epoch: 0, height: 2n, term: 4n, header: base.set.header, code: 'tx_refused' } as const;

/** One of each kind. */
const BODIES: readonly PeerBody[] = [
  { kind: 'propose', proposal: { ...block, term: 4n, set: base.set } },
  { kind: 'propose', proposal: { ...block, term: 4n, set: null } },
  { kind: 'endorse', statement },
  { kind: 'refuse', refusal: { ...refusal, tx: { pos: 0, txId: bytes32('tx'), txCode: 'expired' }, vote: null } },
  { kind: 'refuse', refusal: { ...refusal, code: 'locked', tx: null, vote: statement } },
  { kind: 'slot', set: base.set },
  { kind: 'vote', statement },
  { kind: 'finality', certified: tip },
  { kind: 'mempool', envs: entries.map((entry) => entry.env) },
  { kind: 'sync_ask', from: 7n },
  { kind: 'sync_blocks', blocks: [{ ...tip, entries: entries.slice(0, 1) }] },
  { kind: 'standing_ask', nonce: bytes16('nonce') },
  { kind: 'standing', nonce: bytes16('nonce'), votedHeight: 9n, floorEpoch: 2 },
  { kind: 'set_ask', epoch: 0, height: 2n },
  { kind: 'set', epoch: 0, height: 2n, set: base.set },
  { kind: 'body_ask', height: 2n, header: base.set.header },
  { kind: 'body', block },
  { kind: 'envelope', bytes: bytes32('envelope') },
  { kind: 'grant', bytes: bytes32('grant') },
  { kind: 'seal', signed: seal },
  { kind: 'recovery_ask', above: 0 },
  { kind: 'recovery', recovery },
  { kind: 'evidence', evidenceKind: 1, a: bytes32('a'), b: bytes32('b') },
  { kind: 'checkpoint_ask' },
  { kind: 'checkpoint', certified: tip },
];

/** Comes back as it went, byte for byte, and neither shorter nor longer. */
function isCanonical(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown, encode: () => Uint8Array): void {
  expect([...encode()]).toEqual([...bytes]);
  expect(() => decode(Uint8Array.from([...bytes, 0]))).toThrow(ParseError);
  for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 40))
    expect(() => decode(bytes.slice(0, length))).toThrow(ParseError);
}

describe('peer messages', () => {
  test.each(BODIES.map((body) => [body.kind, body] as const))('%s', (_, body) => {
    const type = peerTypeOf(body);
    const bytes = encodePeerBody(body);
    const decoded = decodePeerBody(type, bytes);
    expect(decoded).toEqual(body);
    // Bytes without structure have no end of their own.
    if (body.kind === 'envelope' || body.kind === 'grant') return;
    isCanonical(
      bytes,
      (input) => decodePeerBody(type, input),
      () => encodePeerBody(decoded ?? body),
    );
  });

  test('every type has a body, an unknown type none', () => {
    expect(new Set(BODIES.map(peerTypeOf))).toEqual(new Set(Object.values(PEER_TYPE)));
    expect(decodePeerBody(0, new Uint8Array(0))).toBeNull();
    expect(decodePeerBody(99, bytes32('anything'))).toBeNull();
  });

  test('an unknown variant is refused', () => {
    for (const type of [PEER_TYPE.endorse, PEER_TYPE.sync, PEER_TYPE.body, PEER_TYPE.recovery, PEER_TYPE.checkpoint])
      expect(() => decodePeerBody(type, Uint8Array.of(9))).toThrow('pce_unknown_variant');
  });

  test('the frame', () => {
    const message = { type: PEER_TYPE.slot, epoch: 3, height: 9n, from: 2, body: encodePeerBody({ kind: 'slot', set: base.set }) };
    const signed = { message, sig: statement.sig };
    // type, epoch, height, from, two bytes of length, 251 of the set
    expect(encodePeerMessage(message).length).toBe(1 + 4 + 8 + 2 + 2 + 251);
    const bytes = encodeSignedPeerMessage(signed);
    expect(decodeSignedPeerMessage(bytes)).toEqual(signed);
    isCanonical(bytes, decodeSignedPeerMessage, () => encodeSignedPeerMessage(decodeSignedPeerMessage(bytes)));
  });
});

describe('seals, recoveries, promises', () => {
  test('a Seal has 90 bytes, a SubmitPromise 42', () => {
    const bytes = encodeSeal(seal.seal);
    expect(bytes.length).toBe(90);
    expect(decodeSeal(bytes)).toEqual(seal.seal);
    isCanonical(bytes, decodeSeal, () => encodeSeal(decodeSeal(bytes)));
    const promise = { txId: bytes32('tx'), by: 60_000n, member: 3 };
    expect(encodeSubmitPromise(promise).length).toBe(42);
    expect(decodeSubmitPromise(encodeSubmitPromise(promise))).toEqual(promise);
  });

  test.each(recovery.seals.map((signed) => [signed.seal.member, signed] as const))('the signed Seal of member %i', (_, signed) => {
    const bytes = encodeSignedSeal(signed);
    expect(decodeSignedSeal(bytes)).toEqual(signed);
    isCanonical(bytes, decodeSignedSeal, () => encodeSignedSeal(decodeSignedSeal(bytes)));
  });

  test('a Recovery, with and without a base', () => {
    for (const each of [recovery, { ...recovery, base: null }]) {
      const bytes = encodeRecovery(each);
      expect(decodeRecovery(bytes)).toEqual(each);
      isCanonical(bytes, decodeRecovery, () => encodeRecovery(decodeRecovery(bytes)));
    }
  });

  test('an unknown kind, seals or approvals out of order are refused', () => {
    expect(() => decodeRecovery(encodeRecovery({ ...recovery, kind: 2 }))).toThrow('pce_unknown_variant');
    expect(() => decodeRecovery(encodeRecovery({ ...recovery, seals: recovery.seals.toReversed() }))).toThrow('pce_not_sorted');
    expect(() => decodeRecovery(encodeRecovery({ ...recovery, seals: [seal, seal] }))).toThrow('pce_not_sorted');
    expect(() => decodeRecovery(encodeRecovery({ ...recovery, approvals: recovery.approvals.toReversed() }))).toThrow('pce_not_sorted');
  });
});
