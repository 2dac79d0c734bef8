/**
 * Where a supervisor's machine asks what waits for its signature, and brings it: `POST /co-sign/v1/list | sign | decline`, JSON. A list and a
 * refusal are asked for under the account's key (`coSignWordMessage`), a signature proves itself. No cookies and no sessions here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { ROLE } from '#ledger/codec/config.ts';
import { encodeTxBody } from '#ledger/codec/tx.ts';
import { decodeTxSig, encodeTxSig, type TxSig } from '#ledger/codec/tx-sig.ts';
import { readBody } from '#ledger/node/http-body.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { keyRingOf } from '#ledger/state/signers.ts';
import { coSignWordMessage } from '#sandbox/cases/co-sign.ts';
import type { Services } from '#server/context.ts';
import { coSignView } from './ask.ts';
import type { CoSign } from './co-sign.repo.ts';
import { refuseCoSign } from './co-sign-codes.ts';

export const CO_SIGN_PREFIX = '/co-sign/v1/';
const MOST_BYTES = 16_384;
/** How far the clocks of two machines may differ. */
const FRESH_MS = 5 * 60_000;

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const coSignId = z.string().regex(/^cos_[0-9a-f]{32}$/);
const word = { publicKey: hex(64), at: z.iso.datetime(), signature: hex(64) };
const listInput = z.strictObject(word);
const signInput = z.strictObject({ coSignId, sig: z.string().regex(/^(?:[0-9a-f]{2}){1,2048}$/) });
const declineInput = z.strictObject({ ...word, coSignId, reason: z.string().trim().min(5).max(2000) });

type DoorGround = Pick<Services, 'clock' | 'ledger' | 'coSigns'> & Partial<Pick<Services, 'machineClock'>>;
/** With which key of its account a supervisor signs, or a court beside it. */
export type SupervisorKey = { readonly acct: Bytes; readonly keyIdx: number; readonly keyEpoch: number };

export function coSignDoor(ground: DoorGround): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const { coSigns } = ground;
  const answers: Readonly<Record<string, (input: unknown) => Promise<object>>> = {
    list: async (input) => {
      const key = requireWord(ground, parsed(listInput, input), { act: 'list', coSignId: '', reason: '' });
      const { acct, keyIdx, keyEpoch } = key;
      return { signer: { acct: toHex(acct), keyIdx, keyEpoch }, requests: (await coSigns.list(acct)).map(requestOf) };
    },
    sign: async (input) => {
      const given = parsed(signInput, input);
      return coSignView(await coSigns.sign(given.coSignId, readSig(given.sig)));
    },
    decline: async (input) => {
      const given = parsed(declineInput, input);
      const { acct } = requireWord(ground, given, { act: 'decline', coSignId: given.coSignId, reason: given.reason });
      return coSignView(await coSigns.decline(given.coSignId, acct, given.reason));
    },
  };
  return async (req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    const answer = Object.hasOwn(answers, path.slice(CO_SIGN_PREFIX.length)) ? answers[path.slice(CO_SIGN_PREFIX.length)] : undefined;
    if (answer === undefined || req.method !== 'POST') return false;
    const body = await readBody(req, MOST_BYTES);
    const told = await answer(body === null ? null : readJson(body));
    res.setHeader('content-type', 'application/json');
    res.setHeader('cache-control', 'no-store');
    res.end(JSON.stringify(told));
    return true;
  };
}

/** Whole, for whoever signs: the bytes, who has signed, and the paper that explains them. */
function requestOf(request: CoSign): object {
  const { body, env, paper } = request;
  return { ...coSignView(request), body: toHex(encodeTxBody(body)), sigs: env?.sigs.map((sig) => toHex(encodeTxSig(sig))) ?? [], paper };
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function parsed<T>(schema: z.ZodType<T>, input: unknown): T {
  const answer = schema.safeParse(input);
  if (!answer.success) throw refuseCoSign('co_sign_malformed');
  return answer.data;
}

function readSig(text: string): TxSig {
  try {
    return decodeTxSig(fromHex(text));
  } catch (error) {
    if (error instanceof ParseError) throw refuseCoSign('co_sign_malformed');
    throw error;
  }
}

type Word = { readonly act: 'list' | 'decline'; readonly coSignId: string; readonly reason: string };

/** @throws {RefusalError} `co_sign_not_supervisor`, `co_sign_word_stale`, `co_sign_signature_invalid` */
function requireWord(ground: DoorGround, given: { publicKey: string; at: string; signature: string }, word: Word): SupervisorKey {
  const { ledger, clock, machineClock = clock } = ground;
  const publicKey = fromHex(given.publicKey, 64);
  const key = supervisorKey(ground, publicKey);
  if (key === null) throw refuseCoSign('co_sign_not_supervisor');
  if (Math.abs(machineClock.now() - Date.parse(given.at)) > FRESH_MS) throw refuseCoSign('co_sign_word_stale');
  const message = coSignWordMessage(ledger.chain, { ...word, at: given.at });
  if (!ledger.sm2.verify(publicKey, message, fromHex(given.signature, 64))) throw refuseCoSign('co_sign_signature_invalid');
  return key;
}

function supervisorKey({ ledger }: DoorGround, publicKey: Uint8Array): SupervisorKey | null {
  const { members, agents } = ledger.config;
  for (const { acct, role } of [...members, ...agents]) {
    const ring = role === ROLE.supervisor || role === ROLE.court ? keyRingOf(ledger.pending, acct) : null;
    const keyIdx = ring?.policy.keys.findIndex(({ pub }) => equalBytes(pub, publicKey)) ?? -1;
    if (ring !== null && keyIdx >= 0) return { acct, keyIdx, keyEpoch: ring.keyEpoch };
  }
  return null;
}
