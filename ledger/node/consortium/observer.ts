/** Who endorsed, who voted, who refused and why: read from the messages that pass, kept for people, believed by nobody. */
import { setInterval } from 'node:timers';
import type postgres from 'postgres';
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import { insertObservations, type Observation, trimObservations } from '../store/consortium.ts';
import type { Answered, LedgerLog, SeenRefusal } from '../types.ts';

const FLUSH_MS = 500;
const TRIM_EVERY = 500n;
/** More than this between two writes is a flood; the rest is dropped. */
const PENDING_LIMIT = 5000;

export class Observer {
  readonly #sql: postgres.Sql;
  readonly #now: () => number;
  readonly #log: LedgerLog;
  readonly #timer: NodeJS.Timeout;
  readonly #answered = new Map<number, Answered & { readonly newest: string }>();
  #pending: Observation[] = [];
  #refusals: readonly SeenRefusal[] = [];
  #proposer: number | null = null;
  readonly #heights = new Map<number, { readonly height: bigint; readonly at: number }>();
  #writing: Promise<void> = Promise.resolve();

  constructor({ sql, now, log }: { readonly sql: postgres.Sql; readonly now: () => number; readonly log: LedgerLog }) {
    this.#sql = sql;
    this.#now = now;
    this.#log = log;
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /** The newest first. */
  get refusals(): readonly SeenRefusal[] {
    return this.#refusals;
  }

  get answered(): ReadonlyMap<number, Answered> {
    return this.#answered;
  }

  /** Who proposed last; null before the first proposal. */
  get proposer(): number | null {
    return this.#proposer;
  }

  /** The newest height that a member said was certified, and when it said so. */
  heightOf(member: number): { readonly height: bigint; readonly at: number } | null {
    return this.#heights.get(member) ?? null;
  }

  /** A message that this member received, or `self` when it sent it. */
  note(from: number, body: PeerBody): void {
    const seenAt = BigInt(this.#now());
    switch (body.kind) {
      case 'endorse':
      case 'vote': {
        const { height, term, member } = body.statement.vote;
        if (body.kind === 'endorse') this.#count(member, 'endorsed', `${height}/${term}`);
        this.#push({ height, term, member, act: body.kind, code: null, pos: null, txId: null, seenAt });
        return;
      }
      case 'refuse': {
        const { height, term, code, tx } = body.refusal;
        this.#count(from, 'refused', `${height}/${term}`);
        this.#refusals = [{ ...body.refusal, member: from }, ...this.#refusals].slice(0, 100);
        this.#push({
          height,
          term,
          member: from,
          act: 'refuse',
          code: tx?.txCode ?? code,
          pos: tx?.pos ?? null,
          txId: tx?.txId ?? null,
          seenAt,
        });
        return;
      }
      case 'propose':
        this.#proposer = from;
        this.#noteHeight(from, body.proposal.header.height - 1n);
        return;
      case 'checkpoint':
      case 'finality':
        this.#noteHeight(from, body.certified.header.height);
        return;
      default:
    }
  }

  /** The newest answer is often said again, and counts once. */
  #count(member: number, result: keyof Answered, place: string): void {
    const { newest, ...known } = this.#answered.get(member) ?? { endorsed: 0, refused: 0, newest: '' };
    const answer = `${result} ${place}`;
    if (newest !== answer) this.#answered.set(member, { ...known, [result]: known[result] + 1, newest: answer });
  }

  #noteHeight(member: number, height: bigint): void {
    const known = this.#heights.get(member);
    this.#heights.set(member, { height: known !== undefined && known.height > height ? known.height : height, at: this.#now() });
  }

  /** A block is certified. */
  follow(height: bigint): void {
    if (height % TRIM_EVERY === 0n) this.#write(() => trimObservations(this.#sql, height));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#writing;
  }

  #push(observation: Observation): void {
    if (this.#pending.length < PENDING_LIMIT) this.#pending.push(observation);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const rows = this.#pending;
    this.#pending = [];
    this.#write(() => insertObservations(this.#sql, rows));
  }

  #write(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      this.#log.error(`couldn't keep who signed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}
