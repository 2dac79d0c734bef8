import { afterAll, expect, test } from 'vitest';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { startSm2, systemRandom } from './sm2-openssl.ts';
import { createVerifyPool, type VerifyJob } from './verify-pool.ts';

const { sm2 } = startSm2();
const privateKey = generatePrivateKey(systemRandom);
const publicKey = publicKeyOf(privateKey);
const jobs: readonly VerifyJob[] = Array.from({ length: 60 }, (_, at) => {
  const message = Uint8Array.of(at);
  const signature = sm2.sign(privateKey, message);
  return { publicKey, message: at % 7 === 0 ? Uint8Array.of(at, 1) : message, signature };
});
const expected = jobs.map((_, at) => at % 7 !== 0);
const pool = createVerifyPool({ sm2, workers: 2 });
afterAll(() => pool.close());

test('workers and this thread answer alike, in order, and the memory keeps it', async () => {
  expect(await pool.verifyBatch(jobs)).toEqual(expected);
  expect(jobs.map((job) => pool.memory.find(job.publicKey, job.message, job.signature))).toEqual(expected);
  const here = createVerifyPool({ sm2, workers: 0 });
  expect(await here.verifyBatch(jobs)).toEqual(expected);
});

test('an empty batch, a mixed one of known and new, and a closed pool', async () => {
  expect(await pool.verifyBatch([])).toEqual([]);
  const message = Uint8Array.of(200);
  const fresh = { publicKey, message, signature: sm2.sign(privateKey, message) };
  expect(await pool.verifyBatch([...jobs.slice(0, 2), fresh])).toEqual([false, true, true]);
  const closed = createVerifyPool({ sm2, workers: 1 });
  await closed.close();
  expect(await closed.verifyBatch(jobs.slice(0, 20))).toEqual(expected.slice(0, 20));
});

test('a pool closed while workers are busy still answers', async () => {
  const busy = createVerifyPool({ sm2, workers: 1 });
  const answer = busy.verifyBatch(jobs);
  await busy.close();
  expect(await answer).toEqual(expected);
});
