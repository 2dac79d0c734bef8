/**
 * A sale settled by an operator that is only its keys and its node: assessed by the rule pack, committed, sealed for the supervisor, which
 * recomputes price, fee and tax before it endorses. What the market's pipeline does in `server/settlement`, without its books.
 */
import type { ItemLeaf } from '#ledger/codec/leaves.ts';
import type { SignedOrder } from '#ledger/codec/order.ts';
import { encodePeerBody, type PeerBody, peerTypeOf } from '#ledger/codec/peer-body.ts';
import { encodePeerMessage, encodeSignedPeerMessage } from '#ledger/codec/peer-message.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { discloseFields, envHash, sealEnvelope } from '#ledger/crypto/envelope.ts';
import { AUDIENCE, encodeEnvelope, encodeSignedKeyGrant, SLOT } from '#ledger/crypto/envelope-codec.ts';
import { grantKey } from '#ledger/crypto/key-grant.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { accountIdOf } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { buildOrder, commitTerms } from '#ledger/tx/build-order.ts';
import { signOrders } from '#ledger/tx/sign.ts';
import { PACKS, packHash } from '#sandbox/packs/pack.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { AssessInput, Assessment } from '#sandbox/tax/assessment.ts';
import { withheldLines } from '#sandbox/tax/split.ts';
import { assessmentHash, inputText } from '#server/settlement/assessment-document.ts';
import { payFields } from '#server/settlement/pay-fields.ts';
import { organisation, type Person, signed, submit, untilCertified } from './acts.ts';
import { type DrillSite, MEMBER_ID, type Org } from './site.ts';

const { sm2 } = startSm2();
const random = { bytes: systemRandom };
const clock = () => Math.round(performance.timeOrigin + performance.now());
const DAY_MS = 86_400_000;
const PRICE_FEN = 12_800n;
const FEE_BPS = 500;

export interface Sale {
  readonly chain: Bytes;
  readonly seller: Person;
  readonly buyer: Person;
  readonly item: ItemLeaf | undefined;
}

/** Settled by the notary in the operator's place; certified when it resolves. */
export async function sell(site: DrillSite, { chain, seller, buyer, item }: Sale): Promise<TxEnv> {
  assert(item !== undefined, 'the item is proven');
  const pack = PACKS.find(({ id }) => id === 'CN');
  assert(pack !== undefined, 'the pack in force is shipped');
  const now = clock();
  const input: AssessInput = {
    txType: 'P2P',
    paidAt: instant(now),
    grossFen: fen(PRICE_FEN),
    feeBps: FEE_BPS,
    royaltyBps: 0,
    feeFen: null,
    royaltyFen: null,
    basis: null,
    window: { kind: 'total', totalFen: fen(PRICE_FEN) },
    place: 'CITY',
    vatStatus: 'SMALL_SCALE',
    flags: [],
  };
  const answer = assess(input, pack);
  assert(answer.kind === 'assessed', `the sale is assessed: ${answer.kind}`);
  const { assessment } = answer;
  const tradeId = systemRandom(16);
  const pay = payFields(
    {
      grossFen: input.grossFen,
      feeFen: assessment.feeFen,
      royaltyFen: assessment.royaltyFen,
      taxLines: assessment.lines.map(({ id, amountFen }) => ({ id, amountFen })),
      taxTotalFen: assessment.taxTotalFen,
      sellerNetFen: netOf(assessment, withheldLines(assessment, pack)),
      costBasisFen: null,
      assessmentHash: assessmentHash(assessment),
      paymentRef: 'drill',
      sellerRef: accountIdOf(seller.acct),
      buyerRef: accountIdOf(buyer.acct),
      mechanism: 'fixed_price',
      orderedAt: BigInt(now),
      assessmentInput: inputText(input),
    },
    random,
  );
  const sides = { sell: order(chain, seller, 'sell', item), buy: order(chain, buyer, 'buy', item) };
  const envelope = await seal(site, chain, tradeId, [
    discloseFields(SLOT.pay, pay.fields),
    discloseFields(SLOT.sellTerms, sides.sell.fields),
    discloseFields(SLOT.buyTerms, sides.buy.fields),
  ]);
  const env = signed(chain, organisation('notary'), {
    kind: 'trade',
    tradeId,
    sell: sides.sell.signed,
    buy: sides.buy.signed,
    items: [item.serial],
    pay: pay.root,
    env: envelope,
    rulePack: fromHex(packHash(pack), 32),
    protectMs: 7 * DAY_MS,
    experiment: null,
  });
  const taken = await submit(site, 'notary', env);
  assert(taken.status === 202, `the sale is taken: ${JSON.stringify(taken)}`);
  await untilCertified(site, 'notary', env);
  return env;
}

const netOf = (assessment: Assessment, withheld: ReturnType<typeof withheldLines>): bigint =>
  PRICE_FEN - assessment.feeFen - assessment.royaltyFen - withheld.reduce((sum, line) => sum + line.amountFen, 0n);

function order(chain: Bytes, by: Person, side: 'sell' | 'buy', item: ItemLeaf) {
  const terms = {
    limitPriceFen: PRICE_FEN,
    currency: 'CNY',
    orderType: side,
    timeInForce: 'GTC',
    feeBpsMax: FEE_BPS,
    quoteHash: ZERO_32,
    disclosureVersion: 'drill',
    expression: '',
    smallestFill: 1,
  };
  const { root, fields } = commitTerms(terms, systemRandom);
  const items = side === 'sell' ? [{ serial: item.serial, ver: item.ver }] : [];
  const window = { notBefore: BigInt(clock() - 60_000), notAfter: BigInt(clock() + DAY_MS) };
  const draft = buildOrder({ chain, acct: by.acct, side, cls: item.cls, items, quantity: 1, ...window, termsRoot: root }, systemRandom);
  const [first]: readonly SignedOrder[] = signOrders(sm2, { acct: by.acct, keyIdx: by.keyIdx, keyEpoch: 0, privateKey: by.privateKey }, [
    draft,
  ]);
  assert(first !== undefined, 'one order, one signature');
  return { fields, signed: first };
}

/** Sealed for the supervisor under a key granted for today, and brought to it as members bring each other everything. */
async function seal(site: DrillSite, chain: Bytes, ref: Bytes, disclosures: ReturnType<typeof discloseFields>[]): Promise<Bytes> {
  const granted = { kid: systemRandom(8), key: systemRandom(32) };
  const from = BigInt(Math.floor(clock() / DAY_MS) * DAY_MS);
  const issuer = site.keysOf('notary').node.privateKey;
  const grant = grantKey(
    sm2,
    {
      chain,
      kid: granted.kid,
      issuer: MEMBER_ID.notary,
      recipient: { kind: 'member', member: MEMBER_ID.supervisor },
      from,
      until: from + BigInt(DAY_MS),
      key: granted.key,
      recipientKey: site.keysOf('supervisor').encryption.publicKey,
      issuerPrivateKey: issuer,
    },
    systemRandom,
  );
  const envelope = sealEnvelope(
    { chain, ref, parts: [{ audience: AUDIENCE.supervisors, recipients: [granted], disclosures }] },
    systemRandom,
  );
  await bring(site, 'supervisor', chain, { kind: 'grant', bytes: encodeSignedKeyGrant(grant) });
  await bring(site, 'supervisor', chain, { kind: 'envelope', bytes: encodeEnvelope(envelope) });
  return envHash(envelope);
}

/** A peer message of the notary's node. */
async function bring(site: DrillSite, to: Org, chain: Bytes, body: PeerBody): Promise<void> {
  const message = { type: peerTypeOf(body), epoch: 1, height: 0n, from: MEMBER_ID.notary, body: encodePeerBody(body) };
  const sig = sm2.sign(site.keysOf('notary').node.privateKey, signedMessage('PLP1/peer', chain, encodePeerMessage(message)));
  const response = await fetch(`${site.baseOf(to)}/peer/v1/message`, { method: 'POST', body: encodeSignedPeerMessage({ message, sig }) });
  assert(response.status === 204, `the ${to} takes it: ${response.status}`);
}
