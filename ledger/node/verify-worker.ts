/** One worker of `verify-pool.ts`: a batch of triples in, one byte per triple out. Holds no private key. */
import { parentPort } from 'node:worker_threads';
import { assert } from '#ledger/primitives/assert.ts';
import { startSm2 } from './sm2-openssl.ts';
import type { VerifyRequest } from './verify-pool.ts';

const port = parentPort;
assert(port !== null, 'this file runs as a worker');
const { sm2 } = startSm2();

port.on('message', ({ id, jobs }: VerifyRequest) => {
  const valid = Uint8Array.from(jobs, (job) => (sm2.verify(job.publicKey, job.message, job.signature) ? 1 : 0));
  port.postMessage({ id, valid });
});
