import { expect, test } from 'vitest';
import { nothingCounted, seeNumbers } from '#test/bench/count-numbers.ts';
import { FrameReader } from '#test/bench/thin-screen.ts';

const frame = (id: number, seqs: readonly number[], note = '') =>
  Buffer.from(
    `42/supervisor,${id}["feed.batch",${JSON.stringify({ room: 'sup:tax', fromSeq: seqs[0], toSeq: seqs.at(-1), messages: seqs.map((seq) => ({ room: 'sup:tax', seq, body: { note } })) })}]`,
  );

test('numbers are read from the bytes of each frame, known ones and others alike', () => {
  const reader = new FrameReader();
  expect(reader.read(frame(7, [1, 2, 3]))).toEqual({ id: '7', numbers: { room: 'sup:tax', toSeq: 3, seqs: [1, 2, 3] } });
  expect(reader.read(frame(12, [1, 2, 3]))?.numbers.seqs).toEqual([1, 2, 3]);
  // The head says the same; one is left out, one comes twice, two have changed places.
  expect(reader.read(frame(13, [1, 3]))?.numbers.seqs).toEqual([1, 3]);
  expect(reader.read(frame(14, [1, 2, 2, 3]))?.numbers.seqs).toEqual([1, 2, 2, 3]);
  expect(reader.read(frame(15, [1, 3, 2, 3], '道具'))?.numbers.seqs).toEqual([1, 3, 2, 3]);
  expect(reader.read(Buffer.from('42/supervisor,["feed.head",{}]'))).toBeNull();
  expect(reader.read(Buffer.from('2'))).toBeNull();
});

test('what is lost, repeated or out of its order is counted', () => {
  const after = (...batches: number[][]) => {
    const counted = nothingCounted();
    for (const seqs of batches) seeNumbers(counted, seqs);
    return counted;
  };
  expect(after([1, 2], [3])).toEqual({ lastSeq: 3, applied: 3, lost: 0, duplicatesDelivered: 0 });
  expect(after([1, 2], [2, 3])).toEqual({ lastSeq: 3, applied: 3, lost: 0, duplicatesDelivered: 1 });
  expect(after([1], [4])).toEqual({ lastSeq: 4, applied: 2, lost: 2, duplicatesDelivered: 0 });
  expect(after([1, 3, 2, 4])).toEqual({ lastSeq: 4, applied: 3, lost: 1, duplicatesDelivered: 1 });
});
