/**
 * The ordering engine on etcd 3.4, for members of several organisations (`ledger.md` 10.7): its JSON gateway with `fetch`, no client
 * package. The leader's key is created under a lease and its term is the revision that created it; a slot is written by one etcd
 * transaction that compares both. Compare-and-swap only: Jepsen (etcd 3.4.3) found etcd's locks unsafe and key-value operations
 * strict serializable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DecidedSlot, Decision, OrderingEngine, Reading } from './ordering-engine.ts';

export interface EtcdOptions {
  /** Base addresses of the nodes; the first that answers is used. */
  readonly endpoints: readonly string[];
  /** Keeps one chain's keys apart from another's. */
  readonly prefix: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3000;
const PAGE = 256;
/** Watching is asking again: a lost stream of etcd would look like silence. */
const POLL_MS = 50;

interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly createRevision: bigint;
  readonly lease: string;
}

export function openEtcdEngine(options: EtcdOptions): OrderingEngine {
  return new EtcdEngine(options);
}

class EtcdEngine implements OrderingEngine {
  readonly #prefix: string;
  readonly #timeoutMs: number;
  #endpoints: readonly string[];
  #isClosed = false;

  constructor({ endpoints, prefix, timeoutMs = TIMEOUT_MS }: EtcdOptions) {
    this.#endpoints = endpoints;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
  }

  async campaign(member: number, ttlMs: number): Promise<{ readonly term: bigint } | null> {
    const value = base64(String(member));
    const key = this.#leaderKey();
    // Its own earlier leadership ends first; a key cannot go and come in one etcd transaction.
    await this.#txn({ compare: [{ key, target: 'VALUE', value }], success: [{ requestDeleteRange: { key } }], failure: [] });
    const lease = textOf(await this.#call('lease/grant', { TTL: String(Math.ceil(ttlMs / 1000)) }), 'ID');
    const won = await this.#txn({
      compare: [{ key, target: 'VERSION', version: '0' }],
      success: [{ requestPut: { key, value, lease } }],
      failure: [],
    });
    if (won.succeeded) return { term: won.revision };
    await this.#call('lease/revoke', { ID: lease });
    return null;
  }

  async renew(term: bigint): Promise<boolean> {
    const leader = await this.#leader();
    if (leader === null || leader.createRevision !== term) return false;
    const answer = recordOf(recordOf(await this.#call('lease/keepalive', { ID: leader.lease })).result ?? {});
    return Number(answer.TTL ?? 0) > 0;
  }

  async resign(term: bigint): Promise<void> {
    const key = this.#leaderKey();
    await this.#txn({
      compare: [{ key, target: 'CREATE', create_revision: String(term) }],
      success: [{ requestDeleteRange: { key } }],
      failure: [],
    });
  }

  async decide(epoch: number, height: bigint, term: bigint, slot: Uint8Array): Promise<Decision> {
    const key = this.#slotKey(epoch, height);
    const answer = await this.#txn({
      compare: [
        { key, target: 'VERSION', version: '0' },
        { key: this.#leaderKey(), target: 'CREATE', create_revision: String(term) },
      ],
      success: [{ requestPut: { key, value: Buffer.from(slot).toString('base64') } }],
      failure: [{ requestRange: { key } }],
    });
    if (answer.succeeded) return { won: true, slot };
    const [standing] = answer.ranges[0] ?? [];
    if (standing === undefined) return { won: false, slot: null };
    const bytes = new Uint8Array(Buffer.from(standing.value, 'base64'));
    return { won: Buffer.compare(bytes, slot) === 0, slot: bytes };
  }

  async read(epoch: number, height: bigint): Promise<Reading> {
    const answer = await this.#txn({
      compare: [],
      success: [{ requestRange: { key: this.#leaderKey() } }, { requestRange: { key: this.#slotKey(epoch, height) } }],
      failure: [],
    });
    const [[leader] = [], [slot] = []] = answer.ranges;
    return {
      term: leader?.createRevision ?? 0n,
      slot: slot === undefined ? null : new Uint8Array(Buffer.from(slot.value, 'base64')),
    };
  }

  async *watch(epoch: number, from: bigint): AsyncGenerator<DecidedSlot> {
    const slotsOf = `${this.#prefix}/slots/${epoch}/`;
    for (let next = from; !this.#isClosed; ) {
      const found = keyValuesOf(
        await this.#call('kv/range', {
          key: this.#slotKey(epoch, next),
          rangeEnd: base64(`${slotsOf}~`),
          limit: String(PAGE),
          sortOrder: 'ASCEND',
          sortTarget: 'KEY',
        }),
      );
      for (const each of found) {
        const height = BigInt(Buffer.from(each.key, 'base64').toString().slice(slotsOf.length));
        yield { height, slot: new Uint8Array(Buffer.from(each.value, 'base64')) };
        next = height + 1n;
      }
      if (found.length === 0) await sleep(POLL_MS);
    }
  }

  async trim(below: bigint): Promise<void> {
    const epochs = keyValuesOf(
      await this.#call('kv/range', { key: base64(`${this.#prefix}/slots/`), rangeEnd: base64(`${this.#prefix}/slots/~`), keysOnly: true }),
    ).map((each) => Number(Buffer.from(each.key, 'base64').toString().split('/').at(-2)));
    for (const epoch of new Set(epochs))
      await this.#call('kv/deleterange', { key: this.#slotKey(epoch, 0n), rangeEnd: this.#slotKey(epoch, below) });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #leaderKey(): string {
    return base64(`${this.#prefix}/leader`);
  }

  /** Padded, so that etcd's order of keys is the order of heights. */
  #slotKey(epoch: number, height: bigint): string {
    return base64(`${this.#prefix}/slots/${epoch}/${String(height).padStart(20, '0')}`);
  }

  async #leader(): Promise<KeyValue | null> {
    return keyValuesOf(await this.#call('kv/range', { key: this.#leaderKey() }))[0] ?? null;
  }

  async #txn(request: object): Promise<{ succeeded: boolean; revision: bigint; ranges: readonly (readonly KeyValue[])[] }> {
    const answer = recordOf(await this.#call('kv/txn', request));
    const responses = Array.isArray(answer.responses) ? answer.responses.map(recordOf) : [];
    return {
      succeeded: answer.succeeded === true,
      revision: BigInt(textOf(answer.header, 'revision')),
      ranges: responses.map((response) => keyValuesOf(response.response_range ?? {})),
    };
  }

  /** Asks one node after the other. A write that got no answer is not sent to the next: it may have taken effect. */
  async #call(method: string, body: object): Promise<unknown> {
    let failure: unknown = new Error('no endpoint of etcd is configured');
    for (const endpoint of this.#endpoints) {
      try {
        const response = await fetch(`${endpoint}/v3/${method}`, {
          method: 'POST',
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(this.#timeoutMs),
        });
        const answer: unknown = await response.json();
        if (!response.ok) throw new EtcdAnswer(`etcd refused ${method}: ${JSON.stringify(answer)}`);
        // The node that answered is asked first from now on.
        this.#endpoints = [endpoint, ...this.#endpoints.filter((each) => each !== endpoint)];
        return answer;
      } catch (error) {
        failure = error;
        if (!isUnsent(error) && !isReading(method)) break;
      }
    }
    throw new Error(`the engine can't be reached: ${failure instanceof Error ? failure.message : String(failure)}`, { cause: failure });
  }
}

class EtcdAnswer extends Error {}

const isReading = (method: string): boolean => method === 'kv/range';

/** The connection was refused: nothing was sent. */
function isUnsent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

function textOf(value: unknown, name: string): string {
  const found = recordOf(value)[name];
  if (typeof found !== 'string') throw new Error(`etcd's answer has no ${name}`);
  return found;
}

function keyValuesOf(value: unknown): readonly KeyValue[] {
  const { kvs } = recordOf(value);
  if (!Array.isArray(kvs)) return [];
  return kvs.map((each) => {
    const { value: body, lease } = recordOf(each);
    return {
      key: textOf(each, 'key'),
      value: typeof body === 'string' ? body : '',
      createRevision: BigInt(textOf(each, 'create_revision')),
      lease: typeof lease === 'string' ? lease : '0',
    };
  });
}
