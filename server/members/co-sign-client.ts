/**
 * A supervisor's machine, asking a market what waits for its signature (`cli -- co-sign`). It believes the market nothing: what a LedgerTx
 * does is worked out here from its bytes and the paper beside them, and the chain is the one that this machine knows.
 */
import { z } from 'zod';
import { decodeTxBody, type TxBody } from '#ledger/codec/tx.ts';
import { decodeTxSig, encodeTxSig } from '#ledger/codec/tx-sig.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import type { KeyPair } from '#ledger/node/keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { signIds } from '#ledger/tx/sign.ts';
import { CO_SIGN_KINDS, CO_SIGN_STATES, type CoSignWord, coSignWordMessage, readCoSign } from '#sandbox/cases/co-sign.ts';
import { STEP_NAMES } from '#sandbox/experiments/steps.ts';
import type { Texts } from '#sandbox/packs/rule-pack.ts';

export type SupervisorPlace = {
  /** Address of the market. */
  readonly market: string;
  /** As this machine knows it. */
  readonly chain: Bytes;
  readonly key: KeyPair;
  readonly sm2: Sm2;
  /** Milliseconds of this machine. */
  readonly now: number;
};

const flat = z.record(z.string(), z.string());
const paper = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('experiment_step'), experiment: z.unknown(), step: z.enum(STEP_NAMES), reason: z.string() }),
  z.strictObject({ kind: z.literal('pack_activation'), pack: z.unknown(), reason: z.string() }),
  z.strictObject({
    ...{ kind: z.literal('studio_account'), nameZh: z.string(), nameEn: z.string(), creditCode: z.string(), certificate: z.string() },
  }),
  z.strictObject({ kind: z.literal('case_act'), document: flat, about: flat.nullable() }),
]);
const shown = {
  ...{ coSignId: z.string(), kind: z.enum(CO_SIGN_KINDS), step: z.string(), askedBy: z.string(), askedAt: z.string(), until: z.string() },
  ...{ state: z.enum(CO_SIGN_STATES), isDone: z.boolean(), reason: z.string().nullable(), endCode: z.string().nullable() },
};
const view = z.object(shown);
const listed = z.object({
  signer: z.object({ acct: z.string(), keyIdx: z.int(), keyEpoch: z.int() }),
  requests: z.array(z.object({ ...shown, body: z.string(), sigs: z.array(z.string()), paper })),
});
const refused = z.object({ code: z.string(), message: z.string() });

export type CoSignAnswer = z.infer<typeof view>;
export type Refused = { readonly kind: 'refused'; readonly code: string; readonly message: string };
export type AskedToSign = CoSignAnswer & {
  /** Worked out from the bytes. */
  readonly txId: string;
  readonly body: TxBody;
  /** What signing it does; null: it may not be signed, for `fault`. */
  readonly about: Texts | null;
  readonly fault: string | null;
  /** Accounts whose signatures it has. */
  readonly signedBy: readonly string[];
};
export type Waiting = {
  readonly kind: 'listed';
  readonly signer: z.infer<typeof listed>['signer'];
  readonly requests: readonly AskedToSign[];
};
export type Answered = { readonly kind: 'answered'; readonly request: CoSignAnswer };

export async function listCoSigns(place: SupervisorPlace): Promise<Waiting | Refused> {
  const answer = await post(place, 'list', wordOf(place, { act: 'list', coSignId: '', reason: '' }));
  if ('kind' in answer) return answer;
  const { signer, requests } = listed.parse(answer.json);
  return { kind: 'listed', signer, requests: requests.map((request) => readRequest(place, request)) };
}

function readRequest({ chain }: SupervisorPlace, request: z.infer<typeof listed>['requests'][number]): AskedToSign {
  const { body: bytes, sigs, paper: given, ...rest } = request;
  const body = decodeTxBody(fromHex(bytes));
  const known = { ...rest, body, txId: toHex(txIdOf(body)), signedBy: sigs.map((sig) => toHex(decodeTxSig(fromHex(sig)).acct)) };
  try {
    return { ...known, about: readCoSign(chain, body, given), fault: null };
  } catch (error) {
    if (error instanceof ParseError) return { ...known, about: null, fault: faultOf(error.code) };
    throw error;
  }
}

/** A paper that cannot be read explains nothing. */
const faultOf = (code: string): string => (code.startsWith('co_sign_') ? code : 'co_sign_paper_differs');

const FAULTS: Readonly<Record<string, string>> = {
  co_sign_other_chain: 'The LedgerTx is for another chain than this machine’s. Nothing was signed.',
  co_sign_paper_differs: 'The LedgerTx does something else than the paper beside it says. Nothing was signed.',
};
const here = (code: string, message: string): Refused => ({ kind: 'refused', code, message });

/** `onlyTx`: signs this LedgerTx and no other. */
export async function signCoSign(place: SupervisorPlace, coSignId: string, onlyTx: string | null): Promise<Answered | Refused> {
  const waiting = await listCoSigns(place);
  if (waiting.kind === 'refused') return waiting;
  const request = waiting.requests.find((each) => each.coSignId === coSignId);
  if (request === undefined) return here('co_sign_unknown', 'Nothing with this number waits for a signature.');
  if (request.fault !== null) return here(request.fault, FAULTS[request.fault] ?? '');
  if (onlyTx !== null && onlyTx !== request.txId)
    return here('co_sign_other_tx', 'Another LedgerTx waits under this number. Nothing was signed.');
  const { acct, ...key } = waiting.signer;
  const { sm2, chain } = place;
  const signer = { ...key, acct: fromHex(acct, 32), privateKey: place.key.privateKey };
  const [sig] = signIds(sm2, signer, 'PLP1/txsig', chain, [fromHex(request.txId, 32)]);
  assert(sig !== undefined, 'one id, one signature');
  return answered(await post(place, 'sign', { coSignId, sig: toHex(encodeTxSig(sig)) }));
}

export async function declineCoSign(place: SupervisorPlace, coSignId: string, reason: string): Promise<Answered | Refused> {
  const word = wordOf(place, { act: 'decline', coSignId, reason });
  return answered(await post(place, 'decline', { ...word, coSignId, reason }));
}

function wordOf({ chain, key, sm2, now }: SupervisorPlace, word: Omit<CoSignWord, 'at'>) {
  const at = new Date(now).toISOString();
  const signature = sm2.sign(key.privateKey, coSignWordMessage(chain, { ...word, at }));
  return { publicKey: toHex(key.publicKey), at, signature: toHex(signature) };
}

function answered(answer: { readonly json: unknown } | Refused): Answered | Refused {
  return 'kind' in answer ? answer : { kind: 'answered', request: view.parse(answer.json) };
}

async function post({ market }: SupervisorPlace, act: string, body: object): Promise<{ readonly json: unknown } | Refused> {
  const response = await fetch(new URL(`/co-sign/v1/${act}`, market), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const json: unknown = await response.json();
  return response.ok ? { json } : { kind: 'refused', ...refused.parse(json) };
}
