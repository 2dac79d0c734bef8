/**
 * Where a signer process answers its node (`ledger.md` 20): it knows who asks before it does anything, does each ask once, and lets the
 * tables of `openTableSigner` decide. A node that was cloned or set back asks here as well, so that two of them never contradict each other.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSignatureInRange, type Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { end, readBody } from '#ledger/node/http-body.ts';
import { type Bytes, equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerLog } from '../types.ts';
import type { KeyDevice, Signer } from './signer.ts';
import {
  type Ask,
  answerMessage,
  askMessage,
  decodeAsk,
  encodeReply,
  joinSigned,
  MAX_SIGNER_BYTES,
  SIGNER_PATH,
  type SignerCall,
  type SignerReply,
  splitSigned,
} from './signer-messages.ts';

/** A node has one; a few more for a restart and a clone. The oldest goes first, and its node says hello again. */
const MAX_SESSIONS = 16;
/** Asks of a session may overtake each other by this much. */
const WINDOW = 4096n;

export interface SignerDoorOptions {
  readonly device: KeyDevice;
  /** Public keys of the nodes that may ask. */
  readonly clients: readonly Bytes[];
  /** The tables' signer for this chain; null: this installation signs for another. The first chain that is named stays. */
  readonly signerFor: (chain: Bytes) => Promise<Signer | null>;
  readonly sm2: Sm2;
  readonly random: (length: number) => Bytes;
  readonly log: LedgerLog;
}

/** What it has answered since it started. */
export interface SignerCounts {
  readonly signed: number;
  readonly refused: number;
  /** Asks of others than its node, and asks that were sent twice. */
  readonly turnedAway: number;
}

export interface SignerDoor {
  /** Resolves false when the path is not the signer's. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  counts(): SignerCounts;
}

interface Session {
  readonly client: Bytes;
  readonly seen: Set<bigint>;
  highest: bigint;
}

export function signerDoor(options: SignerDoorOptions): SignerDoor {
  const { device, sm2, log } = options;
  const sessions = new Map<string, Session>();
  const counted = { signed: 0, refused: 0, turnedAway: 0 };

  const refuse = (code: Extract<SignerReply, { kind: 'refused' }>['code']): SignerReply => ({ kind: 'refused', code });

  const open = (client: Bytes): SignerReply => {
    const session = new Uint8Array(options.random(16));
    const [oldest] = sessions.keys();
    if (sessions.size >= MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
    sessions.set(toHex(session), { client, seen: new Set(), highest: 0n });
    return { kind: 'session', session };
  };

  /** Null: this ask is new in its session. */
  const refuseSession = ({ client, session, counter }: Ask): SignerReply | null => {
    const known = sessions.get(toHex(session));
    if (known === undefined || !equalBytes(known.client, client)) return refuse('session_unknown');
    if (known.seen.has(counter) || counter + WINDOW <= known.highest) return refuse('ask_replayed');
    known.seen.add(counter);
    if (counter > known.highest) known.highest = counter;
    if (known.seen.size > 2 * Number(WINDOW)) for (const each of known.seen) if (each + WINDOW <= known.highest) known.seen.delete(each);
    return null;
  };

  const reply = async (ask: Ask): Promise<SignerReply> => {
    if (ask.call.kind === 'hello') return open(ask.client);
    const refused = refuseSession(ask);
    if (refused !== null) {
      counted.turnedAway += 1;
      return refused;
    }
    if (ask.call.kind === 'sign' && ask.call.tag === 'PLP1/pop') {
      counted.signed += 1;
      return { kind: 'signature', sig: await device.sign(askedPop(ask.call.payload)) };
    }
    // A first chain is pinned by the node alone that may ask here.
    const signer = equalBytes(ask.chain, ZERO_32) ? null : await options.signerFor(ask.chain);
    if (signer === null) return refuse('wrong_chain');
    const given = await carry(signer, ask.call);
    if (given.kind === 'signature') counted.signed += 1;
    if (given.kind === 'rejected') {
      counted.refused += 1;
      log.error('a signature was refused', { code: given.code, call: ask.call.kind });
    }
    return given;
  };

  return {
    counts: () => ({ ...counted }),
    handle: async (request, response) => {
      if ((request.url ?? '') !== SIGNER_PATH) return false;
      if (request.method !== 'POST') return end(response, 405);
      const bytes = await readBody(request, MAX_SIGNER_BYTES);
      if (bytes === null) {
        response.setHeader('connection', 'close');
        return end(response, 413);
      }
      try {
        const { message, sig } = splitSigned(bytes);
        const ask = decodeAsk(message);
        const isKnown = options.clients.some((client) => equalBytes(client, ask.client));
        if (!isKnown || !isSignatureInRange(sig) || !sm2.verify(ask.client, askMessage(ask.chain, message), sig)) {
          counted.turnedAway += 1;
          log.error('an ask of somebody else was turned away', { client: toHex(ask.client).slice(0, 16) });
          return end(response, 403);
        }
        const answer = encodeReply(
          await reply(ask).catch((error: unknown) => {
            log.error(`couldn't carry out ${ask.call.kind}: ${error instanceof Error ? error.message : String(error)}`);
            return refuse('failed');
          }),
        );
        const answerSig = await device.sign(answerMessage(ask.chain, message, answer));
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        response.end(joinSigned(answer, answerSig));
        return true;
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        return end(response, 400);
      }
    },
  };
}

const askedPop = (payload: Bytes): Bytes => signedMessage('PLP1/pop', ZERO_32, payload);

async function carry(signer: Signer, call: Exclude<SignerCall, { kind: 'hello' }>): Promise<SignerReply> {
  switch (call.kind) {
    case 'store': {
      const stored = await signer.store(call.record);
      return stored.kind === 'rejected' ? stored : { kind: 'signature', sig: await signer.signRecord(call.record) };
    }
    case 'find':
      return signer.signRecord(call.record).then(
        (sig): SignerReply => ({ kind: 'signature', sig }),
        (): SignerReply => ({ kind: 'refused', code: 'no_record' }),
      );
    case 'sign':
      return { kind: 'signature', sig: await signer.sign(call.tag, call.payload) };
    case 'facts':
      return { kind: 'facts', facts: await signer.facts(call.above) };
    case 'has_vote':
      return { kind: 'flag', isTrue: await signer.hasVote(call.epoch, call.height) };
    case 'abstain_until':
      await signer.abstainUntil(call.height);
      return { kind: 'done' };
    case 'abstain':
      await signer.abstain(call.until);
      return { kind: 'done' };
    case 'accept_recovery':
      await signer.acceptRecovery(call.newEpoch, call.height, call.body);
      return { kind: 'done' };
  }
}
