import { Encoder, PacketType } from 'socket.io-parser';
import { expect, test } from 'vitest';
import { type EnginePacket, openBatchParser, shareBatch } from './batch-encoder.ts';
import type { FeedBatch, FeedMessage } from './events.ts';
import { FanOut, gatherMs } from './fan-out.ts';
import { BATCH_MESSAGES, RoomTail } from './room-tail.ts';

const message = (seq: number): FeedMessage => ({
  id: `msg_${seq}`,
  seq,
  room: 'sup:tax',
  type: 'tax.trade.assessed',
  schema: 'daoju.feed/1',
  ts: '2026-11-27T00:00:00.000Z',
  body: { seq },
  bodyHash: '',
  prevHash: '',
});

/** A room in a table that counts its readers. */
function room() {
  const messages: FeedMessage[] = [];
  const stored = {
    reads: 0,
    isBroken: false,
    grow: (count: number) => {
      for (let n = 0; n < count; n++) messages.push(message(messages.length + 1));
    },
    read: async (afterSeq: number, limit: number) => {
      stored.reads += 1;
      if (stored.isBroken) throw new Error('no answer');
      return messages.slice(afterSeq, afterSeq + limit);
    },
  };
  return stored;
}

const numbers = (batches: readonly FeedBatch[]) => batches.flatMap((batch) => batch.messages.map(({ seq }) => seq));
const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, n) => n + from);

async function until(isTrue: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !isTrue(); round++) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('five hundred listeners cost one read, and those that keep up get the very same batch', async () => {
  const stored = room();
  const fanOut = new FanOut((_, afterSeq, limit) => stored.read(afterSeq, limit));
  const received = Array.from({ length: 500 }, (): FeedBatch[] => []);
  for (const batches of received) {
    fanOut.follow('sup:tax', { afterSeq: 0, headSeq: 0 }, { send: async (batch) => void batches.push(batch), drop: () => undefined });
  }
  stored.grow(3);
  fanOut.wake();
  await until(() => received.every((batches) => batches.length === 1));
  expect(stored.reads).toBe(1);
  expect(new Set(received.flat()).size).toBe(1);
  expect(numbers(received[0] ?? [])).toEqual([1, 2, 3]);
  fanOut.close();
});

test('whoever comes late reads what is behind the tail from the database and then goes on with the others, no number twice or left out', async () => {
  const stored = room();
  stored.grow(2 * BATCH_MESSAGES + 17);
  const fanOut = new FanOut((_, afterSeq, limit) => stored.read(afterSeq, limit));
  const received: FeedBatch[] = [];
  const late = fanOut.follow(
    'sup:tax',
    { afterSeq: 5, headSeq: 2 * BATCH_MESSAGES },
    { send: async (batch) => void received.push(batch), drop: () => undefined },
  );
  late.wake();
  await until(() => numbers(received).length === 2 * BATCH_MESSAGES + 12);
  stored.grow(BATCH_MESSAGES + 1);
  fanOut.wake();
  await until(() => numbers(received).length === 3 * BATCH_MESSAGES + 13);
  expect(numbers(received)).toEqual(upTo(3 * BATCH_MESSAGES + 18, 6));
  fanOut.close();
});

test('what is committed between the look at the head and the joining is delivered without another wake-up', async () => {
  const stored = room();
  const fanOut = new FanOut((_, afterSeq, limit) => stored.read(afterSeq, limit));
  const received: FeedBatch[] = [];
  stored.grow(1);
  fanOut.follow('sup:tax', { afterSeq: 0, headSeq: 0 }, { send: async (batch) => void received.push(batch), drop: () => undefined }).wake();
  await until(() => received.length === 1);
  expect(numbers(received)).toEqual([1]);
  fanOut.close();
});

test('a room that cannot be read sends its listeners away to come back by number, and no other room', async () => {
  const broken = room();
  const sound = room();
  broken.isBroken = true;
  const fanOut = new FanOut((name, afterSeq, limit) => (name === 'sup:tax' ? broken : sound).read(afterSeq, limit));
  const dropped: string[] = [];
  const received: FeedBatch[] = [];
  for (const name of ['sup:tax', 'sup:all']) {
    fanOut.follow(
      name,
      { afterSeq: 0, headSeq: 0 },
      { send: async (batch) => void received.push(batch), drop: () => void dropped.push(name) },
    );
  }
  sound.grow(1);
  fanOut.wake();
  await until(() => dropped.length === 1 && received.length === 1);
  expect([dropped, numbers(received)]).toEqual([['sup:tax'], [1]]);
  fanOut.close();
});

test('a tail keeps the order of numbers whatever is asked of it', async () => {
  const stored = room();
  const tail = new RoomTail('sup:tax', 0, stored.read);
  stored.grow(5_000);
  await tail.refresh();
  for (const afterSeq of [0, 1, 999, 1_000, 1_001, 4_799, 4_800, 4_999]) {
    const batch = await tail.after(afterSeq);
    expect(numbers(batch === null ? [] : [batch])).toEqual(upTo(Math.min(5_000, afterSeq + BATCH_MESSAGES), afterSeq + 1));
    expect(batch).toMatchObject({ fromSeq: afterSeq + 1, toSeq: Math.min(5_000, afterSeq + BATCH_MESSAGES) });
  }
  expect(await tail.after(5_000)).toBeNull();
});

/** What a WebSocket client reads in a frame that a server wrote (RFC 6455, 5.2). */
function textOfFrame(frame: Buffer): string {
  expect(frame[0]).toBe(0x81);
  const short = frame[1] ?? 0;
  const [from, length] =
    short === 127 ? [10, Number(frame.readBigUInt64BE(2))] : short === 126 ? [4, frame.readUInt16BE(2)] : ([2, short] as const);
  expect(frame.length - from).toBe(length);
  // The shortest form that holds it.
  expect(from).toBe(length > 0xffff ? 10 : length > 125 ? 4 : 2);
  return frame.subarray(from).toString();
}

test('a shared batch goes out as Socket.IO writes it, in one buffer for everybody, whatever its size', () => {
  const { parser, frame } = openBatchParser();
  const encoder = new parser.Encoder();
  const full = [1, 20, 200, 1_000].map((count) => ({
    room: 'sup:tax',
    fromSeq: 1,
    toSeq: count,
    messages: upTo(count).map((seq) => ({ ...message(seq), body: { name: '道具“剑”' } })),
  }));
  // Around the two lengths at which a frame's head grows.
  const [first] = new Encoder().encode({
    type: PacketType.EVENT,
    nsp: '/',
    id: 7,
    data: ['feed.batch', { ...full[0], room: '', messages: [] }],
  });
  const exact = [125, 126, 65_535, 65_536].map((length) => ({
    room: 'p'.repeat(length - 1 - String(first).length),
    fromSeq: 1,
    toSeq: 1,
    messages: [],
  }));
  for (const [place, shape] of [...full, ...exact].entries()) {
    const batch = shareBatch(shape);
    const shared = [7, 12_345].map((id) => {
      const packet = { type: PacketType.EVENT, nsp: place < full.length ? '/supervisor' : '/', id, data: ['feed.batch', batch] };
      const [data] = encoder.encode(packet);
      const sent: EnginePacket = { data, options: {} };
      // What is sent in between for another reason is left alone.
      const other: EnginePacket = { data: '2["feed.head"]', options: {} };
      frame(other);
      expect(other.options).toEqual({});
      frame(sent);
      const pieces = sent.options?.wsPreEncodedFrame ?? [];
      expect([data]).toEqual(new Encoder().encode(packet));
      expect(textOfFrame(Buffer.concat(pieces))).toBe(`4${String(data)}`);
      return pieces[1];
    });
    expect(shared[0]).toBe(shared[1]);
  }
});

test('rooms are gathered longer the more listeners there are to tell, and never for more than a quarter of a second', () => {
  expect([0, 1, 100, 500, 100_000].map(gatherMs)).toEqual([50, 50.5, 100, 250, 250]);
});
