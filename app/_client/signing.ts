/** What the browser signs. It encodes every byte itself from what is on screen and draws the salts itself; it never signs bytes or a
 *  root made elsewhere (P-19). Loaded on demand: the curve arithmetic is not part of the first page. */
import { type AuthPolicy, KEY_USE } from '#ledger/codec/auth-policy.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeOrder, encodeSignedOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv, type TxBody } from '#ledger/codec/tx.ts';
import { generatePrivateKey, portableSm2, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, compareBytes, concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { buildOrder, commitTerms } from '#ledger/tx/build-order.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { type SigningKey, signOrders, signTx } from '#ledger/tx/sign.ts';
import type { CancelOrderInput, Me, OrderView, PlaceOrderInput, Quote, ReplaceOrderInput } from '#server/trpc/views.ts';
import type { PlayerKeys } from './keys/sealed-keys.ts';

const CANCEL_WINDOW_MS = 10 * 60_000;

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const sm2 = portableSm2(random);

/** Makes a write idempotent: drawn once per intention, kept over retries. */
export const newReferenceId = (): string => toHex(random(16));

export type Signer = { readonly me: Me; readonly keys: PlayerKeys };

export function signingKey({ me, keys }: Signer): SigningKey {
  return { acct: fromHex(me.acct, 32), keyIdx: me.keyIdx, keyEpoch: me.keyEpoch, privateKey: keys.privateKey };
}

/** The order of a quote, signed. The quote's hash goes into the terms, so the signature covers all that was shown. */
export function signQuotedOrder(signer: Signer, quote: Quote, referenceId: string): PlaceOrderInput {
  const { document } = quote;
  const { root, fields } = commitTerms(
    {
      limitPriceFen: BigInt(document.priceFen),
      currency: 'CNY',
      orderType: document.intent,
      timeInForce: document.timeInForce,
      feeBpsMax: document.feeBps,
      quoteHash: sm3(canonicalBytes({ ...document })),
      disclosureVersion: document.disclosureVersion,
      expression: document.expression,
      smallestFill: document.smallestFill,
    },
    random,
  );
  const order = buildOrder(
    {
      chain: fromHex(document.chain, 32),
      acct: fromHex(signer.me.acct, 32),
      side: document.side,
      cls: document.classSerial,
      items: document.items.map(({ serial, ver }) => ({ serial: BigInt(serial), ver: document.side === 'sell' ? BigInt(ver) : 0n })),
      quantity: document.quantity,
      notBefore: BigInt(Date.parse(document.orderNotBefore)),
      notAfter: BigInt(Date.parse(document.orderNotAfter)),
      termsRoot: root,
      counterparty: counterpartyOf(document),
    },
    random,
  );
  const [signed] = signOrders(sm2, signingKey(signer), [order]);
  if (signed === undefined) throw new Error('one order, one signature');
  return {
    referenceId,
    intent: document.intent,
    targetOrderId: document.targetOrderId,
    signedOrder: toHex(encodeSignedOrder(signed)),
    terms: fields.map(({ salt, value }, id) => ({ id, salt: toHex(salt), value: toHex(value) })),
    quote: { document, sig: quote.sig },
  };
}

function signBody(signer: SigningKey, body: TxBody): string {
  const [env] = signTx(sm2, signer, [body]);
  if (env === undefined) throw new Error('one body, one signature');
  return toHex(encodeTxEnv(env));
}

/** The player's own cancel (`ledger.md` op 8): it carries the whole order, so that members can check it without ours. */
export function signCancel(signer: Signer, order: OrderView, referenceId: string, nowMs: number): CancelOrderInput {
  const decoded = decodeOrder(fromHex(order.orderBytes));
  const body: TxBody = {
    chain: decoded.chain,
    salt: random(16),
    notBefore: BigInt(nowMs - CANCEL_WINDOW_MS / 2),
    notAfter: BigInt(nowMs + CANCEL_WINDOW_MS / 2),
    op: { kind: 'order_cancel', order: decoded },
  };
  return { referenceId, orderId: order.orderId, signedCancel: signBody(signingKey(signer), body) };
}

/** An edit: the cancel of the old order and the new one that was quoted to take its place, under one reference. */
export function signReplacement(signer: Signer, old: OrderView, quote: Quote, referenceId: string, nowMs: number): ReplaceOrderInput {
  const { orderId, signedCancel } = signCancel(signer, old, referenceId, nowMs);
  const { intent, targetOrderId, signedOrder, terms, quote: signed } = signQuotedOrder(signer, quote, referenceId);
  return { referenceId, cancel: { orderId, signedCancel }, place: { intent, targetOrderId, signedOrder, terms, quote: signed } };
}

export function makeKeys(): PlayerKeys & { readonly publicKey: Bytes; readonly encPublicKey: Bytes } {
  const privateKey = generatePrivateKey(random);
  const encPrivateKey = generatePrivateKey(random);
  return { privateKey, encPrivateKey, publicKey: publicKeyOf(privateKey), encPublicKey: publicKeyOf(encPrivateKey) };
}

export type OpeningFacts = {
  readonly chain: string;
  readonly recoveryKeys: readonly string[];
  readonly recoveryDelayMs: number;
  readonly kyc: string;
  readonly env: string;
  readonly salt: string;
  readonly nowMs: number;
};
/** AccountOpen with the default player policy (`ledger.md` 4.1), signed by the new device key. */
export function signAccountOpen(
  keys: ReturnType<typeof makeKeys>,
  facts: OpeningFacts,
): { readonly acct: string; readonly accountOpen: string } {
  const recovery = facts.recoveryKeys.map((pub) => ({ pub: fromHex(pub, 64), weight: 1, use: KEY_USE.recover }));
  const policyKeys = [{ pub: keys.publicKey, weight: 1, use: KEY_USE.sign }, ...recovery].sort((a, b) => compareBytes(a.pub, b.pub));
  const policy: AuthPolicy = { threshold: 1, keys: policyKeys, recoveryDelayMs: facts.recoveryDelayMs, encKey: keys.encPublicKey };
  const acct = accountIdFromPolicy(policy);
  const keyIdx = policyKeys.findIndex((key) => key.use === KEY_USE.sign);
  const body: TxBody = {
    chain: fromHex(facts.chain, 32),
    // The sealed identity is bound to this salt; it hides nothing here, the envelope has a nonce of its own.
    salt: fromHex(facts.salt, 16),
    notBefore: BigInt(facts.nowMs - CANCEL_WINDOW_MS / 2),
    notAfter: BigInt(facts.nowMs + CANCEL_WINDOW_MS / 2),
    op: { kind: 'account_open', policy, accountKind: 0, kyc: fromHex(facts.kyc, 32), env: fromHex(facts.env, 32) },
  };
  return { acct: toHex(acct), accountOpen: signBody({ acct, keyIdx, keyEpoch: 0, privateKey: keys.privateKey }, body) };
}

/** Any document off the ledger is signed as its format line, a line feed, and its RFC 8785 bytes (`ledger.md` 3). */
function signDocument(format: string, privateKey: Uint8Array, document: Readonly<Record<string, string>>): string {
  return toHex(sm2.sign(privateKey, concat(utf8(`${format}\n`), canonicalBytes(document))));
}

export type Challenge = { readonly chain: string; readonly challenge: string; readonly issuedAt: string };
export function signPlayerChallenge(privateKey: Uint8Array, acct: string, { chain, challenge, issuedAt }: Challenge): string {
  return signDocument('daoju.sign-in/1', privateKey, { chain, acct, challenge, issuedAt });
}
/** The passphrase again, over what is asked for: a payout account, the enhanced check, a deposit, a withdrawal (P-02, P-06, 1.5). */
export function signAskedAgain(
  { me, keys }: Signer,
  format: string,
  asked: Readonly<Record<string, string>>,
  { chain, challenge, issuedAt }: Challenge,
): { readonly challenge: string; readonly issuedAt: string; readonly signature: string } {
  return { challenge, issuedAt, signature: signDocument(format, keys.privateKey, { ...asked, chain, acct: me.acct, challenge, issuedAt }) };
}
/** The passphrase again, over what an evidence package is asked for. */
export function signEvidenceRequest(
  privateKey: Uint8Array,
  acct: string,
  asked: { readonly subject: string; readonly caseRef: string },
  { chain, challenge, issuedAt }: Challenge,
): string {
  return signDocument('daoju.evidence/1', privateKey, { ...asked, chain, acct, challenge, issuedAt });
}
/** The passphrase again, over the hash of what is said in a dispute. */
export function signClaimDocument(
  privateKey: Uint8Array,
  acct: string,
  document: string,
  { chain, challenge, issuedAt }: Challenge,
): string {
  return signDocument('daoju.claim/1', privateKey, { document, chain, acct, challenge, issuedAt });
}
export function signStaffChallenge(privateKey: Uint8Array, certificateSerial: string, { chain, challenge, issuedAt }: Challenge): string {
  return signDocument('daoju.sign-in/1', privateKey, { chain, certificateSerial, challenge, issuedAt });
}

/** The only one who may be the other side: of a listing for one person, and of every step of an offer. */
function counterpartyOf({ namedBuyer, namedSeller }: Quote['document']): Uint8Array | null {
  const named = namedBuyer ?? namedSeller;
  return named ? fromHex(named, 32) : null;
}
