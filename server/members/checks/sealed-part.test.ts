import { describe, expect, test } from 'vitest';
import type { TradeOp } from '#ledger/codec/op-types.ts';
import type { Order } from '#ledger/codec/order.ts';
import { discloseFields, envHash, sealEnvelope } from '#ledger/crypto/envelope.ts';
import { encodeEnvelope, SLOT } from '#ledger/crypto/envelope-codec.ts';
import { FIELD_SETS, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import { type Bytes, fromHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { accountIdOf } from '#ledger/primitives/ids.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { buildOrder, commitTerms } from '#ledger/tx/build-order.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { AssessInput } from '#sandbox/tax/assessment.ts';
import { assessmentHash, inputText } from '#server/settlement/assessment-document.ts';
import { type PayFacts, payFields } from '#server/settlement/pay-fields.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { NO_SUMS } from './day-sums.ts';
import { checkSealedPart, type SealedFacts } from './sealed-part.ts';

const CAPS = {
  perTradeFen: 500_000,
  perPersonDayFen: 900_000,
  perPersonMonthFen: 3_000_000,
  experimentTotalTurnoverFen: 10_000_000,
  experimentOpenExposureFen: 2_000_000,
};

const SEALED_AT = parseInstant('2026-11-22T02:00:10.000Z');
const CHAIN = new Uint8Array(32).fill(9);
const SELLER = new Uint8Array(32).fill(1);
const BUYER = new Uint8Array(32).fill(2);
const EXPERIMENT = new Uint8Array(32).fill(5);
const KEY = { kid: new Uint8Array(8).fill(3), key: new Uint8Array(32).fill(4) };
const BOUGHT = { kind: 'bought' as const, costFen: fen(380_000n) };
/** CN-P2P-05 of the rulebook. */
const INPUT: AssessInput = {
  txType: 'P2P',
  paidAt: parseInstant('2026-11-22T02:00:00.000Z'),
  grossFen: fen(500_000n),
  feeBps: 500,
  royaltyBps: 200,
  feeFen: null,
  royaltyFen: null,
  basis: { mode: 'COST', costFen: fen(380_000n), source: 'PLATFORM_RECORD', flags: [] },
  window: { kind: 'total', totalFen: fen(500_000n) },
  place: 'CITY',
  vatStatus: 'SMALL_SCALE',
  flags: [],
};

type Terms = { readonly limitFen: bigint; readonly feeBpsMax: number };
type Faults = {
  readonly pay?: Partial<PayFacts>;
  readonly sell?: Partial<Terms>;
  readonly buy?: Partial<Terms>;
  readonly input?: Partial<AssessInput>;
  readonly facts?: Partial<SealedFacts>;
  readonly op?: Partial<TradeOp>;
  /** Of both orders. */
  readonly notBefore?: bigint;
  /** What is sealed instead of what was committed to. */
  readonly sealedPay?: (fields: readonly OpenField[]) => readonly OpenField[];
  readonly bytes?: (envelope: Bytes) => Bytes;
};

/** A sound trade with at most one thing wrong. */
function trade(faults: Faults = {}): SealedFacts {
  const random = seededRandom('sealed');
  const input = { ...INPUT, ...faults.input };
  const answer = assess(input, CN);
  if (answer.kind !== 'assessed') throw new Error(answer.code);
  const { assessment } = answer;
  const pay = payFields(
    {
      grossFen: input.grossFen,
      feeFen: assessment.feeFen,
      royaltyFen: assessment.royaltyFen,
      taxLines: assessment.lines.map(({ id, amountFen }) => ({ id, amountFen })),
      taxTotalFen: assessment.taxTotalFen,
      sellerNetFen: input.grossFen - assessment.feeFen - assessment.royaltyFen,
      costBasisFen: input.basis?.costFen ?? null,
      assessmentHash: assessmentHash(assessment),
      paymentRef: 'split-trd_1',
      sellerRef: accountIdOf(SELLER),
      buyerRef: accountIdOf(BUYER),
      mechanism: 'fixed_price',
      orderedAt: BigInt(INPUT.paidAt),
      assessmentInput: inputText(input),
      ...faults.pay,
    },
    random,
  );
  const order = (side: 'sell' | 'buy', acct: Bytes, given: Partial<Terms> = {}) => {
    const { limitFen = 500_000n, feeBpsMax = 500 } = given;
    const { root, fields } = commitTerms(
      {
        limitPriceFen: limitFen,
        currency: 'CNY',
        orderType: side,
        timeInForce: 'GTC',
        feeBpsMax,
        quoteHash: new Uint8Array(32),
        disclosureVersion: '1',
        expression: '',
        smallestFill: 1,
      },
      (length) => random.bytes(length),
    );
    const items = side === 'sell' ? [{ serial: 7n, ver: 1n }] : [];
    const draft = {
      chain: CHAIN,
      acct,
      side,
      cls: 0,
      items,
      quantity: 1,
      notBefore: faults.notBefore ?? 0n,
      notAfter: 1n,
      termsRoot: root,
    };
    const built: Order = buildOrder(draft, (length) => random.bytes(length));
    return { fields, signed: { order: built, sigs: [] } };
  };
  const sell = order('sell', SELLER, faults.sell);
  const buy = order('buy', BUYER, faults.buy);
  const tradeId = random.bytes(16);
  const disclosures = [
    discloseFields(SLOT.pay, (faults.sealedPay ?? ((fields) => fields))(pay.fields)),
    discloseFields(SLOT.sellTerms, sell.fields),
    discloseFields(SLOT.buyTerms, buy.fields),
  ];
  const envelope = sealEnvelope({ chain: CHAIN, ref: tradeId, parts: [{ audience: 0, recipients: [KEY], disclosures }] }, (length) =>
    random.bytes(length),
  );
  const op: TradeOp = {
    kind: 'trade',
    tradeId,
    sell: sell.signed,
    buy: buy.signed,
    items: [7n],
    pay: pay.root,
    env: envHash(envelope),
    rulePack: fromHex(packHash(CN), 32),
    protectMs: 604_800_000,
    experiment: EXPERIMENT,
    ...faults.op,
  };
  return {
    op,
    salt: random.bytes(16),
    sealedAt: BigInt(SEALED_AT),
    envelope: (faults.bytes ?? ((bytes) => bytes))(encodeEnvelope(envelope)),
    keys: [KEY],
    hasKeyOfToday: true,
    pack: CN,
    caps: CAPS,
    royaltyBpsMax: 200,
    sums: NO_SUMS,
    origins: [BOUGHT],
    ...faults.facts,
  };
}

const swap = (bytes: Bytes, at: number): Bytes => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const otherKey = { kid: new Uint8Array(8).fill(8), key: new Uint8Array(32).fill(8) };

describe('the sealed part of a trade', () => {
  test('is endorsed when it is what both signed, with the tax of the named pack', () => {
    expect(checkSealedPart(trade())).toBeNull();
  });

  test.each<[string, string, Faults]>([
    ['envelope_missing', 'the envelope has not come', { facts: { envelope: null } }],
    ['envelope_missing', 'neither has the key of the day', { facts: { keys: [], hasKeyOfToday: false } }],
    ['envelope_missing', 'the pack is not here yet', { facts: { pack: null } }],
    ['envelope_open', 'it is wrapped for nobody here although the key of the day is', { facts: { keys: [otherKey] } }],
    ['envelope_open', 'a byte of it is another', { bytes: (bytes) => swap(bytes, bytes.length - 1) }],
    ['envelope_open', 'the ledger names no envelope', { op: { env: new Uint8Array(32) }, facts: { envelope: null } }],
    ['envelope_open', 'the ledger names no envelope although one lies here', { op: { env: new Uint8Array(32) } }],
    ['envelope_open', 'it is of another trade', { op: { tradeId: new Uint8Array(16) } }],
    [
      'commitment_mismatch',
      'another price is sealed than committed to',
      { sealedPay: (fields) => fields.map((field, id) => (id === 1 ? { ...field, value: swap(new Uint8Array(field.value), 0) } : field)) },
    ],
    ['commitment_mismatch', 'the ledger names another commitment', { op: { pay: fieldRoot(FIELD_SETS.pay, emptyFields()) } }],
    ['commitment_mismatch', 'somebody else is named as seller', { pay: { sellerRef: accountIdOf(BUYER) } }],
    ['class_terms_breach', 'the royalty is above that of the kind', { facts: { royaltyBpsMax: 199 } }],
    ['terms_breach', 'the price is below what the seller signed', { sell: { limitFen: 500_001n } }],
    ['terms_breach', 'the price is above what the buyer signed', { buy: { limitFen: 499_999n } }],
    ['terms_breach', 'the fee is above what the seller signed', { sell: { feeBpsMax: 499 } }],
    ['assessment_mismatch', 'a tax line is a fen less', { pay: { taxLines: [{ id: 'CN-VAT-P2P', amountFen: 4_949n }] } }],
    ['assessment_mismatch', 'the total of the taxes is another', { pay: { taxTotalFen: 1n } }],
    ['assessment_mismatch', 'the hash is of another assessment', { pay: { assessmentHash: new Uint8Array(32) } }],
    ['assessment_mismatch', 'the sum does not come out', { pay: { sellerNetFen: 465_001n } }],
    ['assessment_mismatch', 'the cost is not the one that was assessed', { pay: { costBasisFen: 400_000n } }],
    ['assessment_mismatch', 'the inputs are left out', { pay: { assessmentInput: '' } }],
    ['assessment_mismatch', 'the inputs are of another sale', { pay: { assessmentInput: inputText({ ...INPUT, grossFen: fen(1n) }) } }],
    ['assessment_mismatch', "the day's total is less than this sale", { input: { window: { kind: 'total', totalFen: fen(1n) } } }],
    ['assessment_mismatch', 'it is paid tomorrow', { input: { paidAt: parseInstant('2026-11-23T02:00:00.000Z') } }],
    ['cap_exceeded', 'the experiment allows a fen less', { facts: { caps: { ...CAPS, perTradeFen: 499_999 } } }],
    [
      'cap_exceeded',
      'the seller has traded so much of the day that a fen is too much',
      { facts: { sums: { ...NO_SUMS, sellerDayFen: 400_001n } } },
    ],
    ['cap_exceeded', 'the buyer has', { facts: { sums: { ...NO_SUMS, buyerDayFen: 400_001n } } }],
    ['cap_exceeded', 'the seller has traded too much that month', { facts: { sums: { ...NO_SUMS, sellerMonthFen: 2_500_001n } } }],
    ['cap_exceeded', 'the buyer has that month', { facts: { sums: { ...NO_SUMS, buyerMonthFen: 2_500_001n } } }],
    ['cap_exceeded', 'all of the experiment have', { facts: { sums: { ...NO_SUMS, turnoverFen: 9_500_001n } } }],
    ['cap_exceeded', 'of the experiment so much is not paid out yet', { facts: { sums: { ...NO_SUMS, exposureFen: 1_500_001n } } }],
    [
      'assessment_mismatch',
      'the seller paid a fen less for the item',
      { facts: { origins: [{ kind: 'bought', costFen: fen(379_999n) }] } },
    ],
    ['assessment_mismatch', 'the seller never bought the item', { facts: { origins: [{ kind: 'issued' }] } }],
    [
      'assessment_mismatch',
      'that the seller bought the item is left out',
      { input: { basis: { mode: 'PCT_OF_REVENUE', costFen: null, source: 'NONE', flags: [] } }, pay: { costBasisFen: null } },
    ],
    ['assessment_mismatch', "its day's flag is frozen, so that no line counts", { input: { window: { kind: 'frozen', isTaxable: true } } }],
    ['assessment_mismatch', 'it is paid before both had signed', { notBefore: BigInt(INPUT.paidAt) + 1n }],
    ['assessment_mismatch', 'it is paid a month before its block', { facts: { sealedAt: BigInt(INPUT.paidAt) + 31n * 86_400_000n } }],
  ])('%s: %s', (code, _, faults) => {
    expect(checkSealedPart(trade(faults))).toBe(code);
  });

  test('is endorsed where nobody here can say how the seller got the item', () => {
    expect(checkSealedPart(trade({ facts: { origins: [{ kind: 'unknown' }] } }))).toBeNull();
  });

  test('with two faults has the code that stands first', () => {
    const faults: Faults = {
      sell: { feeBpsMax: 1 },
      pay: { taxTotalFen: 1n },
      facts: { caps: { ...CAPS, perTradeFen: 1, perPersonDayFen: 1 } },
    };
    expect(checkSealedPart(trade(faults))).toBe('terms_breach');
    expect(checkSealedPart(trade({ ...faults, sell: {} }))).toBe('assessment_mismatch');
    expect(checkSealedPart(trade({ facts: { ...faults.facts, envelope: null } }))).toBe('envelope_missing');
  });
});

function emptyFields(): readonly OpenField[] {
  return Array.from({ length: 16 }, () => ({ salt: new Uint8Array(16), value: new Uint8Array(0) }));
}

describe('the identity behind an account', () => {
  const identity = (kyc: Bytes): SealedFacts => {
    const random = seededRandom('identity');
    const salt = random.bytes(16);
    const disclosures = [discloseFields(SLOT.identity, emptyFields())];
    const parts = [{ audience: 0 as const, recipients: [KEY], disclosures }];
    const envelope = sealEnvelope({ chain: CHAIN, ref: salt, parts }, (length) => random.bytes(length));
    const policy = { threshold: 1, keys: [], recoveryDelayMs: 0, encKey: null };
    return {
      ...trade(),
      salt,
      op: { kind: 'account_open', policy, accountKind: 0, kyc, env: envHash(envelope) },
      envelope: encodeEnvelope(envelope),
    };
  };

  test('is the one that the account commits to', () => {
    expect(checkSealedPart(identity(fieldRoot(FIELD_SETS.identity, emptyFields())))).toBeNull();
    expect(checkSealedPart(identity(new Uint8Array(32)))).toBe('commitment_mismatch');
  });
});
