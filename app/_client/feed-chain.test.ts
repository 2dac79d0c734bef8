import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { portableSm2, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { FeedHead, FeedMessage } from '#server/realtime/events.ts';
import { FeedChain, WITHHELD_MS } from './feed-chain.ts';

const privateKey = sm3(utf8('feed test'));
const publicKey = toHex(publicKeyOf(privateKey));
const sm2 = portableSm2((length) => new Uint8Array(length).fill(11));
const hash = (value: unknown) => toHex(sm3(canonicalBytes(value)));

function room(count: number): { readonly messages: readonly FeedMessage[]; readonly heads: readonly FeedHead[] } {
  const messages: FeedMessage[] = [];
  const heads: FeedHead[] = [];
  let prevHash = '0'.repeat(64);
  for (let seq = 1; seq <= count; seq++) {
    const body = { seq, amountFen: `${seq * 100}` };
    const envelope = {
      id: `msg_${seq}`,
      seq,
      room: 'sup:tax',
      type: 'mkt.trade',
      schema: 'daoju.feed/1',
      ts: '2026-11-24T00:00:00.000Z',
      bodyHash: hash(body),
      prevHash,
    };
    prevHash = hash(envelope);
    messages.push({ ...envelope, body });
    const document = { room: 'sup:tax', seq, hash: prevHash, ts: '2026-11-24T00:00:01.000Z', keyId: 'k' };
    heads.push({ ...document, sig: toHex(sm2.sign(privateKey, concat(utf8('daoju.feed-head/1\n'), canonicalBytes(document)))) });
  }
  return { messages, heads };
}
const { messages, heads } = room(6);
const batch = (rows: readonly FeedMessage[]) => ({
  room: 'sup:tax',
  fromSeq: rows[0]?.seq ?? 0,
  toSeq: rows.at(-1)?.seq ?? 0,
  messages: rows,
});
const at = <T>(rows: readonly T[], index: number): T => {
  const row = rows[index];
  if (row === undefined) throw new Error('test row');
  return row;
};

test('a whole room is complete up to its signed head, and what comes twice is applied once', () => {
  const chain = new FeedChain(publicKey, 0);
  expect(chain.accept(batch(messages.slice(0, 4)))).toHaveLength(4);
  expect(chain.accept(batch(messages.slice(2, 6)))).toHaveLength(2);
  chain.acceptHead(at(heads, 5));
  expect(chain.fault).toBeNull();
  expect(chain.head?.seq).toBe(6);
});

test('a head that is ahead waits until its messages are here', () => {
  const chain = new FeedChain(publicKey, 0);
  chain.acceptHead(at(heads, 2));
  expect(chain.behind).toBe(true);
  chain.accept(batch(messages.slice(0, 3)));
  expect([chain.behind, chain.head?.seq]).toEqual([false, 3]);
});

describe('one message dropped, swapped or changed anywhere is named', () => {
  test.each([0, 1, 2, 3, 4])('dropped after %i', (index) => {
    const chain = new FeedChain(publicKey, 0);
    chain.accept(batch(messages.filter((_, place) => place !== index)));
    expect(chain.fault).toMatchObject({ seq: index + 1, code: 'gap' });
  });
  test('the last one dropped: the head waits for it', () => {
    const chain = new FeedChain(publicKey, 0);
    chain.accept(batch(messages.slice(0, 5)));
    chain.acceptHead(at(heads, 5));
    expect([chain.behind, chain.head]).toEqual([true, null]);
  });
  test('the last one withheld for good: named once nothing has come for a while, and not while it still comes', () => {
    const chain = new FeedChain(publicKey, 0);
    chain.acceptHead(at(heads, 5));
    for (let n = 0; n < 5; n++) {
      chain.judgeDelay(n * (WITHHELD_MS - 1));
      chain.accept(batch(messages.slice(n, n + 1)));
    }
    chain.judgeDelay(5 * WITHHELD_MS);
    expect(chain.fault).toBeNull();
    chain.judgeDelay(6 * WITHHELD_MS);
    expect(chain.fault).toMatchObject({ seq: 6, code: 'withheld', proof: at(heads, 5) });
  });
  test('two swapped', () => {
    const chain = new FeedChain(publicKey, 0);
    chain.accept(batch([at(messages, 0), at(messages, 2), at(messages, 1)]));
    expect(chain.fault).toMatchObject({ seq: 2, code: 'gap' });
  });
  test.each([0, 3, 5])('body %i changed', (index) => {
    const chain = new FeedChain(publicKey, 0);
    chain.accept(
      batch(messages.map((message, place) => (place === index ? { ...message, body: { ...message.body, amountFen: '1' } } : message))),
    );
    expect(chain.fault).toMatchObject({ seq: index + 1, code: 'body_changed' });
  });
  test('body and hash changed together: the next link breaks', () => {
    const chain = new FeedChain(publicKey, 0);
    const body = { seq: 2, amountFen: '1' };
    chain.accept(batch(messages.map((message) => (message.seq === 2 ? { ...message, body, bodyHash: hash(body) } : message))));
    expect(chain.fault).toMatchObject({ seq: 3, code: 'chain_broken' });
  });
  test('a head with another hash, or signed by another key', () => {
    const differs = new FeedChain(publicKey, 0);
    differs.accept(batch(messages));
    const [first, second] = room(2).heads.map((head) => head);
    expect(first).toBeDefined();
    differs.acceptHead({ ...at(heads, 3), hash: 'ab'.repeat(32) });
    expect(differs.fault?.code).toBe('head_signature_invalid');
    const other = new FeedChain(toHex(publicKeyOf(sm3(utf8('other')))), 0);
    other.accept(batch(messages));
    if (second !== undefined) other.acceptHead(second);
    expect(other.fault?.code).toBe('head_signature_invalid');
  });
});

describe('a screen that begins with the newest messages and pages back', () => {
  const begun = () => {
    const chain = new FeedChain(publicKey, 4);
    chain.accept(batch(messages.slice(4)));
    return chain;
  };

  test('pages join from behind down to the first message, whatever was here already', () => {
    const chain = begun();
    expect(chain.firstSeq).toBe(5);
    expect(chain.acceptBefore(messages.slice(2, 5)).map(({ seq }) => seq)).toEqual([3, 4]);
    expect(chain.acceptBefore(messages.slice(0, 2)).map(({ seq }) => seq)).toEqual([1, 2]);
    chain.acceptHead(at(heads, 1));
    expect([chain.firstSeq, chain.fault, chain.head?.seq]).toEqual([1, null, 2]);
  });

  test.each<[string, readonly FeedMessage[], number, string]>([
    ['without its newest message', messages.slice(1, 3), 4, 'gap'],
    ['without one inside', [at(messages, 1), at(messages, 3)], 3, 'gap'],
    ['with a body changed', [at(messages, 2), { ...at(messages, 3), body: { seq: 4, amountFen: '1' } }], 4, 'body_changed'],
    ['with an envelope changed', [at(messages, 2), { ...at(messages, 3), ts: '2026-01-01T00:00:00.000Z' }], 5, 'chain_broken'],
    ['that begins a room of its own', [{ ...at(messages, 0), prevHash: 'ab'.repeat(32) }, ...messages.slice(1, 4)], 2, 'chain_broken'],
  ])('a page %s is named', (_, page, seq, code) => {
    const chain = begun();
    chain.acceptBefore(page);
    expect(chain.fault).toMatchObject({ seq, code });
  });
});
