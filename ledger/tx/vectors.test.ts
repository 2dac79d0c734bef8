/** The values that ledger.md prints in Appendix B. */
import { describe, expect, it } from 'vitest';
import { encodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { encodeHeader, encodeVotePayload } from '#ledger/codec/header.ts';
import { encodeItemLeaf } from '#ledger/codec/leaves.ts';
import { encodeTxBody, type TxBody } from '#ledger/codec/tx.ts';
import { digestOf, isSignatureInRange, signDigest, verifyDigest } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage, taggedHash } from '#ledger/crypto/tagged-hash.ts';
import { batchOf } from '#ledger/merkle/batch-tree.ts';
import { EMPTY_NODES, regRoot, stateRoot } from '#ledger/merkle/register.ts';
import { concat, fromHex, toHex, utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { LedgerState } from '#ledger/state/ledger-state.ts';
import { accountIdFromPolicy, headerHash, stateLeafHash, txIdOf } from './ids.ts';

const D = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const K = BigInt('0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21');
const PUB = fromHex(
  '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
);
const CHAIN = taggedHash('PLP1/chain', utf8('vector-genesis'));
const fill = (byte: number, length = 32): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(byte);
const TO = taggedHash('PLP1/acct', fill(7, 64));

const TRANSFER: TxBody = {
  chain: CHAIN,
  salt: Uint8Array.from({ length: 16 }, (_, i) => i),
  notBefore: 1790000000000n,
  notAfter: 1790000600000n,
  op: { kind: 'transfer', serial: 1n, ver: 17n, to: TO, pay: ZERO_32, env: ZERO_32 },
};

const ITEM = {
  serial: 1n,
  cls: 3,
  owner: TO,
  ver: 18n,
  flags: 0,
  locker: ZERO_32,
  lockUntil: 0n,
  protectedUntil: 0n,
  frozenUntil: 0n,
  lastEntry: 0n,
  meta: fill(0xaa),
  ext: fill(0xbb),
};

describe('Appendix B', () => {
  it('names the chain, the account and the LedgerTx', () => {
    expect(toHex(CHAIN)).toBe('f45c7678168b253485b0bc0077d854528c1779d8f40fd3a1f96146b4209ec45a');
    const policy = { threshold: 1, keys: [{ pub: PUB, weight: 1, use: 1 }], recoveryDelayMs: 0, encKey: null };
    expect(encodeAuthPolicy(policy).length).toBe(73);
    expect(toHex(accountIdFromPolicy(policy))).toBe('be0e74a0a9a4d9e96ea6fb10be25b52f0603e04dacf366f603c467974325a227');
    expect(encodeTxBody(TRANSFER).length).toBe(179);
    expect(toHex(txIdOf(TRANSFER))).toBe('6e530b1dc6c4f8723786ed251968828c35ce3e74494d5389d259f5ed07b6701c');
  });

  it('signs a batch of one and of three', () => {
    const one = batchOf([txIdOf(TRANSFER)]);
    expect(toHex(one.root)).toBe('fccdcee11255b4e0f971daa371cb57a03cf0c94e888da259726159858e7ab962');
    const message = signedMessage('PLP1/txsig', CHAIN, one.root);
    expect(message.length).toBe(80);
    const digest = digestOf(PUB, message);
    expect(toHex(digest)).toBe('4afd48afa15b854d8a9627db16065dfa2882f78e5835a8e42a714efe706afb4e');
    const sig = signDigest(D, digest, K);
    expect(sig === null ? '' : toHex(sig)).toBe(
      '4fe945212fe89ce5ec9a5a01a47e5cb069e1266c663ce4f379d55dcb9e7f95c19bac76be26dc2f67e2cc86102ea10369e4e7ae13d61ded3fe13f11aa011a871d',
    );
    expect(sig !== null && isSignatureInRange(sig) && verifyDigest(PUB, digest, sig)).toBe(true);
    const three = batchOf([txIdOf(TRANSFER), fill(0x11), fill(0x22)]);
    expect(toHex(three.root)).toBe('64f6ce661ff62209ba882ea49d019e26bfb08151ee2d948369c616fac129cf2c');
    expect(three.paths[0]?.map(toHex)).toEqual([
      '4caa991d73d622cfaafb729dba7236d54890abadfd6cdab3ea18effdf413f84b',
      '7849b7a6d1e3818f022b12c000afd40c1411497082ee3c641bee7ec9e55cd5a7',
    ]);
    expect(three.paths[2]?.map(toHex)).toEqual(['735f7459a52ecaf73f17383965e5d4c6df7a9f259d6107a426e00b5dc581c3e6']);
    const eOf = (tag: 'PLP1/txsig' | 'PLP1/order'): string => toHex(digestOf(PUB, signedMessage(tag, CHAIN, three.root)));
    expect(eOf('PLP1/txsig')).toBe('ad3703e360718d23977db7feadb02ea137359662a3a0f756b1072563868ae319');
    expect(eOf('PLP1/order')).toBe('262a6987466148e4073796d42cdb434c2137aff5a90500b114f5d2a8f26cfb6c');
  });

  it('hashes leaves, registers, header and Vote', () => {
    expect(encodeItemLeaf(ITEM).length).toBe(183);
    const leaf = stateLeafHash({ reg: 1, leaf: ITEM });
    expect(toHex(leaf)).toBe('2d0a16b7b806ae5817a9ff4f279bceb8ea68040d2b88f6aae0f282471d82970c');
    expect(toHex(new LedgerState().stateRoot())).toBe('fd7822b2a68e2b101f173cce43bfb8a092b60a4ff53fe1e4fe684824ded18930');
    // Only index 1 set, which a dense register never holds: fold it by hand.
    const root = EMPTY_NODES.slice(0, 32).reduce<Uint8Array>(
      (hash, empty, level) => (level === 0 ? sm3(Uint8Array.of(0x11), empty, hash) : sm3(Uint8Array.of(0x11), hash, empty)),
      leaf,
    );
    expect(toHex(root)).toBe('f54da2dc62bf809191a7170a3e0e8d82507125ec739d38d4ae3d33ec992e9eee');
    const roots = Array.from({ length: 8 }, (_, i) => regRoot(i + 1, i === 0 ? 2 : 0, i === 0 ? root : (EMPTY_NODES[32] ?? ZERO_32)));
    const state = stateRoot(roots);
    expect(toHex(state)).toBe('55eeb7cc951175325d8aee3af0030742542c3594e01f79213a678e7b031be58c');
    const header = {
      chain: CHAIN,
      epoch: 0,
      height: 1n,
      prevHash: ZERO_32,
      configHash: fill(1),
      sealedAt: 1790000000000n,
      txCount: 1,
      logSize: 1n,
      logRoot: sm3(concat(Uint8Array.of(0), Uint8Array.of(0))),
      stateRoot: state,
      ext: ZERO_32,
    };
    expect(encodeHeader(header).length).toBe(226);
    const hash = headerHash(header);
    expect(toHex(hash)).toBe('4cb9a2f0a3eeb85b567c4324dd7856fc08086fe1ba96ac831030cbf114f51e4c');
    const vote = signedMessage('PLP1/vote', CHAIN, encodeVotePayload({ epoch: 0, height: 1n, term: 7n, header: hash, member: 2 }));
    expect(vote.length).toBe(102);
    expect(toHex(digestOf(PUB, vote))).toBe('35caf58041565e4f146d37b6c15c82ac84ffaa39812bfe3fedeaa24ca5b197e4');
  });
});
