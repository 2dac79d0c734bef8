/**
 * The signer in a process of its own, as its node meets it (`ledger.md` 20). The node never holds the key; what it has signed is asked there,
 * never read from its own store. While the signer is away nothing is signed, and the node goes on when it is back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { KeyPair } from '../keys.ts';
import { type SignRecord, signedPart } from '../reducer/records.ts';
import { type Signer, SignerAway, type SignerFailure, type SignerGround, type SignerOpener, type SigningRefusal } from './signer.ts';
import {
  answerMessage,
  askMessage,
  decodeReply,
  encodeAsk,
  joinSigned,
  SIGNER_PATH,
  type SignerCall,
  type SignerReply,
  splitSigned,
} from './signer-messages.ts';
import { insertPromise, insertRecovery, insertSeal, readPromiseSig } from './signing-records.ts';

/** Of one ask. */
const ASK_MS = 2000;
/** A record is tried again for this long before the round is told that it failed. */
const STORE_MS = 2000;
const PAUSE_MS = 250;
/** Signatures and Votes that were just given; older ones are asked for. */
const KEPT = 4096;
const NO_SESSION: Bytes = new Uint8Array(16);

export interface RemoteSignerPlace {
  /** Base address of the signer process. */
  readonly url: string;
  /** The node key that it must answer with. */
  readonly publicKey: Bytes;
  /** Signs the asks: the signer knows its public half. */
  readonly client: KeyPair;
}

export const remoteSigner =
  (place: RemoteSignerPlace): SignerOpener =>
  (ground) =>
    new RemoteSigner(place, ground);

/** For a command: the proof of possession over a member's record, before there is a chain. @throws {SignerAway} */
export async function remoteProof(place: RemoteSignerPlace, sm2: Sm2, payload: Bytes): Promise<Bytes> {
  const given = await new SignerLine(place, ZERO_32, sm2).ask({ kind: 'sign', tag: 'PLP1/pop', payload });
  if (given.kind !== 'signature') throw new SignerAway('malformed');
  assert(
    sm2.verify(place.publicKey, signedMessage('PLP1/pop', ZERO_32, payload), given.sig),
    'the proof is of the key that signed the answer',
  );
  return given.sig;
}

/** Asks, one signed request each. */
class SignerLine {
  readonly #place: RemoteSignerPlace;
  readonly #chain: Bytes;
  readonly #sm2: Sm2;
  #session: Promise<Bytes> | null = null;
  #counter = 0n;

  constructor(place: RemoteSignerPlace, chain: Bytes, sm2: Sm2) {
    this.#place = place;
    this.#chain = chain;
    this.#sm2 = sm2;
  }

  /** @throws {SignerAway} */
  async ask(call: SignerCall): Promise<SignerReply> {
    for (let isAgain = false; ; isAgain = true) {
      const known = this.#session ?? this.#hello();
      this.#session = known;
      const session = await known.catch((error: unknown) => {
        if (this.#session === known) this.#session = null;
        throw error;
      });
      const reply = await this.#post(session, call);
      if (reply.kind !== 'refused') return reply;
      // It was started anew and knows no session of before: nothing was done.
      if (reply.code === 'session_unknown' && !isAgain) {
        if (this.#session === known) this.#session = null;
        continue;
      }
      if (reply.code === 'no_record') return reply;
      throw new SignerAway(reply.code === 'wrong_chain' ? 'wrong_chain' : 'failed', reply.code);
    }
  }

  async #hello(): Promise<Bytes> {
    const reply = await this.#post(NO_SESSION, { kind: 'hello' });
    if (reply.kind !== 'session') throw new SignerAway('malformed');
    return reply.session;
  }

  async #post(session: Bytes, call: SignerCall): Promise<SignerReply> {
    const { url, publicKey, client } = this.#place;
    this.#counter += 1n;
    const ask = encodeAsk({ client: client.publicKey, chain: this.#chain, session, counter: this.#counter, call });
    const body = joinSigned(ask, this.#sm2.sign(client.privateKey, askMessage(this.#chain, ask)));
    const answer = await post(new URL(SIGNER_PATH, url), body);
    try {
      const { message, sig } = splitSigned(answer);
      if (!this.#sm2.verify(publicKey, answerMessage(this.#chain, ask, message), sig)) throw new SignerAway('untrusted');
      return decodeReply(message);
    } catch (error) {
      if (error instanceof ParseError) throw new SignerAway('malformed', error.code);
      throw error;
    }
  }
}

async function post(url: URL, body: Bytes): Promise<Bytes> {
  try {
    const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(ASK_MS), redirect: 'error' });
    const answer = new Uint8Array(await response.arrayBuffer());
    if (response.status === 403) throw new SignerAway('client_unknown');
    if (response.status !== 200) throw new SignerAway('failed', `it answered ${response.status}`);
    return answer;
  } catch (error) {
    if (error instanceof SignerAway) throw error;
    throw new SignerAway('unreachable', error instanceof Error ? error.message : String(error));
  }
}

class RemoteSigner implements Signer {
  readonly publicKey: Bytes;
  readonly #url: string;
  readonly #ground: SignerGround;
  readonly #line: SignerLine;
  /** Signatures of records, by what they cover. */
  readonly #given = new Map<string, Bytes>();
  readonly #votes = new Set<string>();
  #failure: SignerFailure | null = null;
  /** While it is away, one ask at a time finds out whether it is back. */
  #isProbing = false;
  #signed = 0;
  #refused = 0;
  #isClosed = false;

  constructor(place: RemoteSignerPlace, ground: SignerGround) {
    this.publicKey = place.publicKey;
    this.#url = place.url;
    this.#ground = ground;
    this.#line = new SignerLine(place, ground.chain, ground.sm2);
  }

  async sign(tag: Parameters<Signer['sign']>[0], payload: Uint8Array): Promise<Bytes> {
    const reply = await this.#ask({ kind: 'sign', tag, payload: new Uint8Array(payload) });
    if (reply.kind !== 'signature') throw new SignerAway('malformed');
    this.#signed += 1;
    return reply.sig;
  }

  async store(record: SignRecord): Promise<{ readonly kind: 'stored' } | SigningRefusal> {
    if (record.kind === 'promise') return this.#storePromise(record);
    const reply = await this.#patiently({ kind: 'store', record });
    if (reply.kind === 'rejected') {
      this.#refused += 1;
      return reply;
    }
    if (reply.kind !== 'signature') throw new SignerAway('malformed');
    const { tag, payload } = signedPart(record);
    // It leaves this node as this member's word: held against the key before.
    if (!this.#ground.sm2.verify(this.publicKey, signedMessage(tag, this.#ground.chain, payload), reply.sig))
      throw new SignerAway('untrusted');
    this.#signed += 1;
    this.#keep(record, reply.sig);
    // Commands of this member look for its Seal in the node's own store.
    if (record.kind === 'seal') await insertSeal(this.#ground.sql, record.seal, record.set, reply.sig).catch(() => undefined);
    return { kind: 'stored' };
  }

  async signRecord(record: SignRecord): Promise<Bytes> {
    if (record.kind === 'promise') {
      const sig = await readPromiseSig(this.#ground.sql, record.promise);
      if (sig === null) throw new Error('the signer holds no record of this promise');
      return sig;
    }
    const kept = this.#given.get(keyOf(record));
    if (kept !== undefined) return kept;
    const reply = await this.#insistently({ kind: 'find', record });
    if (reply.kind !== 'signature') throw new Error(`the signer holds no record of this ${record.kind}`);
    this.#keep(record, reply.sig);
    return reply.sig;
  }

  async abstainUntil(height: bigint): Promise<void> {
    await this.#insistently({ kind: 'abstain_until', height });
  }

  async abstain(until: bigint | null): Promise<void> {
    await this.#insistently({ kind: 'abstain', until });
  }

  async acceptRecovery(newEpoch: number, height: bigint, body: Bytes): Promise<void> {
    await this.#insistently({ kind: 'accept_recovery', newEpoch, height, body });
    // The chain is read with it at the next start.
    await insertRecovery(this.#ground.sql, newEpoch, height, body);
  }

  async facts(above: bigint) {
    const reply = await this.#insistently({ kind: 'facts', above });
    if (reply.kind !== 'facts') throw new SignerAway('malformed');
    for (const vote of reply.facts.votes) this.#votes.add(`${vote.epoch}/${vote.height}`);
    return reply.facts;
  }

  /** While it is away nobody knows: its tables still refuse whatever contradicts them. */
  async hasVote(epoch: number, height: bigint): Promise<boolean> {
    if (this.#votes.has(`${epoch}/${height}`)) return true;
    const reply = await this.#ask({ kind: 'has_vote', epoch, height }).catch(() => null);
    return reply === null || reply.kind !== 'flag' || reply.isTrue;
  }

  state() {
    return { form: 'remote', place: this.#url, failure: this.#failure, signed: this.#signed, refused: this.#refused } as const;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** No safety rule reads a promise: the signature is the signer's, the record with its LedgerTx the node's. */
  async #storePromise({ promise, kind }: Extract<SignRecord, { kind: 'promise' }>): Promise<{ readonly kind: 'stored' } | SigningRefusal> {
    const { sql, envOf, now } = this.#ground;
    if ((await readPromiseSig(sql, promise)) !== null) return { kind: 'stored' };
    const env = envOf(promise.txId);
    if (env === null) return { kind: 'rejected', code: 'promise_unknown' };
    const sig = await this.sign('PLP1/promise', signedPart({ kind, promise }).payload);
    await insertPromise(sql, promise, { env: encodeTxEnv(env), takenAt: BigInt(now()), sig });
    return { kind: 'stored' };
  }

  #keep(record: SignRecord, sig: Bytes): void {
    forgetOldest(this.#given);
    forgetOldest(this.#votes);
    this.#given.set(keyOf(record), sig);
    if (record.kind === 'vote') this.#votes.add(`${record.payload.epoch}/${record.payload.height}`);
  }

  async #ask(call: SignerCall): Promise<SignerReply> {
    // A signer that hangs must not gather every message that this node would send.
    if (this.#failure !== null && this.#isProbing) throw new SignerAway(this.#failure);
    this.#isProbing = this.#failure !== null;
    try {
      const reply = await this.#line.ask(call);
      this.#failure = null;
      return reply;
    } catch (error) {
      if (error instanceof SignerAway) this.#failure = error.failure;
      throw error;
    } finally {
      this.#isProbing = false;
    }
  }

  async #patiently(call: SignerCall): Promise<SignerReply> {
    const patience = AbortSignal.timeout(STORE_MS);
    for (;;) {
      try {
        return await this.#ask(call);
      } catch (error) {
        if (!(error instanceof SignerAway) || patience.aborted || this.#isClosed) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  async #insistently(call: SignerCall): Promise<SignerReply> {
    for (;;) {
      try {
        return await this.#ask(call);
      } catch (error) {
        if (!(error instanceof SignerAway) || this.#isClosed) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }
}

const keyOf = (record: SignRecord): string => {
  const { tag, payload } = signedPart(record);
  return `${tag} ${toHex(payload)}`;
};

function forgetOldest(kept: { readonly size: number; keys(): IterableIterator<string>; delete(key: string): boolean }): void {
  const { value: oldest } = kept.keys().next();
  if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest);
}
