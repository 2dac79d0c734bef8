/** Verifies batches of signatures on other cores and leaves the results in the memory that `apply` asks (ledger.md 19). */
import { Worker } from 'node:worker_threads';
import { keyOfTriple, SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';

export type VerifyJob = { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array };
export type VerifyRequest = { readonly id: number; readonly jobs: readonly VerifyJob[] };
export type VerifyAnswer = { readonly id: number; readonly valid: Uint8Array };

export type VerifyPool = {
  /** Asks the memory first, then the workers. A worker that dies is replaced and its batch verified here: the answer is the same, only later. */
  readonly verifyBatch: (jobs: readonly VerifyJob[]) => Promise<readonly boolean[]>;
  /** The same memory, for synchronous use. */
  readonly memory: SignatureMemory;
  readonly close: () => Promise<void>;
};

/** Below this many triples a worker costs more than it saves. */
const CHUNK_MIN = 16;

type Waiting = { readonly slot: number; readonly jobs: readonly VerifyJob[]; readonly resolve: (valid: Uint8Array) => void };

/** `workers` 0 verifies in this thread. `onWorkerLost` is told of every worker that died, for the log. */
export function createVerifyPool(options: {
  readonly sm2: Sm2;
  readonly workers: number;
  readonly memory?: SignatureMemory;
  readonly onWorkerLost?: (error: Error) => void;
}): VerifyPool {
  const { sm2, onWorkerLost } = options;
  const memory = options.memory ?? new SignatureMemory(sm2);
  const waiting = new Map<number, Waiting>();
  const slots: (Worker | null)[] = Array.from({ length: options.workers }, () => null);
  let nextId = 1;
  let nextSlot = 0;
  let isClosed = false;

  const verifyHere = (jobs: readonly VerifyJob[]): Uint8Array =>
    Uint8Array.from(jobs, (job) => (sm2.verify(job.publicKey, job.message, job.signature) ? 1 : 0));

  const lose = (slot: number, worker: Worker, error: Error): void => {
    if (slots[slot] !== worker) return;
    slots[slot] = null;
    if (!isClosed) onWorkerLost?.(error);
    for (const [id, entry] of [...waiting]) {
      if (entry.slot !== slot) continue;
      waiting.delete(id);
      entry.resolve(verifyHere(entry.jobs));
    }
  };

  const workerAt = (slot: number): Worker => {
    const running = slots[slot];
    if (running !== null && running !== undefined) return running;
    const worker = new Worker(new URL('./verify-worker.ts', import.meta.url));
    worker.unref();
    worker.on('message', ({ id, valid }: VerifyAnswer) => {
      const entry = waiting.get(id);
      waiting.delete(id);
      entry?.resolve(valid);
    });
    worker.on('error', (error) => lose(slot, worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => lose(slot, worker, new Error(`the verify worker ended with code ${code}`)));
    slots[slot] = worker;
    return worker;
  };

  const send = (jobs: readonly VerifyJob[]): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const slot = nextSlot;
      nextSlot = (nextSlot + 1) % slots.length;
      const id = nextId++;
      waiting.set(id, { slot, jobs, resolve });
      const request: VerifyRequest = { id, jobs };
      workerAt(slot).postMessage(request);
    });

  const verifyUnknown = async (jobs: readonly VerifyJob[]): Promise<Uint8Array> => {
    if (slots.length === 0 || isClosed || jobs.length < CHUNK_MIN) return verifyHere(jobs);
    const size = Math.max(CHUNK_MIN, Math.ceil(jobs.length / slots.length));
    const chunks = Array.from({ length: Math.ceil(jobs.length / size) }, (_, at) => jobs.slice(at * size, (at + 1) * size));
    const answers = await Promise.all(chunks.map(send));
    return Uint8Array.from(answers.flatMap((answer) => [...answer]));
  };

  return {
    memory,
    verifyBatch: async (jobs) => {
      const triples = jobs.map((job) => keyOfTriple(job.publicKey, job.message, job.signature));
      const found = new Map<string, boolean>();
      // A sheet carries one signature as often as it has rows: it is verified once.
      const unknown = new Map<string, VerifyJob>();
      for (const [at, job] of jobs.entries()) {
        const triple = triples[at] ?? '';
        const known = memory.findTriple(triple);
        if (known === null) unknown.set(triple, job);
        else found.set(triple, known);
      }
      const valid = await verifyUnknown([...unknown.values()]);
      for (const [at, triple] of [...unknown.keys()].entries()) {
        found.set(triple, valid[at] === 1);
        memory.rememberTriple(triple, valid[at] === 1);
      }
      return triples.map((triple) => found.get(triple) === true);
    },
    close: async () => {
      isClosed = true;
      const running = slots.filter((worker) => worker !== null);
      assert(waiting.size === 0 || running.length > 0, 'what waits has a worker');
      await Promise.all(running.map((worker) => worker.terminate()));
    },
  };
}
