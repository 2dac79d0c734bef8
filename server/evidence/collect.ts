/** Gathers what goes into a package (rulebook 7.2): from the ledger, from our records, from the institution. Writes nothing. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { readFinality, readHeader } from '#ledger/codec/header.ts';
import { encodeSignedOrder } from '#ledger/codec/order.ts';
import { decodeWith } from '#ledger/codec/reader.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { entriesOf, headersOf } from '#ledger/evidence/check-provenance.ts';
import { RECEIPT_FILE, TRUST_FILE } from '#ledger/evidence/verify-evidence.ts';
import { toPem } from '#ledger/pki/certificate.ts';
import { type Bytes, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { checkpointText } from '#ledger/proof/checkpoint.ts';
import { decodeReceipt, encodeTrustBundle, type Receipt } from '#ledger/proof/receipt.ts';
import { orderIdOf } from '#ledger/tx/ids.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import type { Ground } from '#server/context.ts';
import { fieldsOf, isParty, ownFields } from '#server/market/files.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { findTrade, listAssessments, type TradeRecord } from '#server/market/trades.repo.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import type { Pki } from '#server/pki/pki.ts';
import {
  type CustodyRow,
  findFormerDay,
  findItemCustody,
  type InstructionRef,
  listInstructionRefs,
  listOrderTimes,
  listPeerCopies,
  listTradeCustody,
  type OrderTimes,
} from './evidence.repo.ts';
import type { EvidenceRefusal, EvidenceSubject } from './evidence.ts';
import { amountsOf, findFormerLines, type PaidTrade } from './payment-lines.ts';

export type CollectGround = Pick<Ground, 'sql' | 'clock' | 'ledger'> & { readonly pki: Pki; readonly provider: PaymentProvider };
export type Part = {
  readonly path: string;
  readonly bytes: Bytes;
  readonly kind: string;
  readonly createdAt: Instant;
  readonly source: string;
};
export type Collected = { readonly kind: 'collected'; readonly receipt: Receipt; readonly parts: readonly Part[] };

type PaymentRecords = {
  readonly trade: TradeRecord;
  readonly refs: readonly InstructionRef[];
  /** Beijing date of a sale that was settled before this market was taken over. */
  readonly formerDay: string | null;
};
type Records = {
  readonly proof: Bytes | null;
  readonly orders: readonly OrderTimes[];
  readonly custody: readonly CustodyRow[];
  readonly payment: PaymentRecords | null;
  readonly packHash: string | null;
};

/** Only for who is a party of the trade or owns the item: the fields inside are theirs to open. */
export async function collect(ground: CollectGround, acct: AccountId, subject: EvidenceSubject): Promise<Collected | EvidenceRefusal> {
  const records = subject.kind === 'trade' ? await ofTrade(ground, acct, subject) : await ofItem(ground, acct, subject);
  if ('kind' in records) return records;
  if (records.proof === null) return { kind: 'rejected', code: 'not_certified' };
  const receipt = decodeReceipt(records.proof);
  const now = ground.clock.now();
  const part = partAt(now);
  const paid = records.payment === null ? null : await paymentReceipt(ground, records.payment);
  const payment = paid === null ? [] : [part('provenance/payment.json', paid, 'payment', ground.provider.name)];
  return {
    kind: 'collected',
    receipt,
    parts: [
      ...ledgerParts(receipt, records.proof, part),
      ...subjectParts(receipt, part),
      ...(await witnessParts(ground, receipt, part)),
      ...payment,
      part('provenance/requests.json', canonicalBytes(requestsOf(records.orders)), 'request_log', 'operator'),
      part(
        'provenance/custody.json',
        canonicalBytes({ schema: 'daoju.custody/1', items: records.custody.map((row) => ({ ...row })) }),
        'custody',
        'operator',
      ),
      ...rulePack(records.packHash, part),
      ...(await pkiParts(ground, part)),
    ],
  };
}

type MakePart = (path: string, bytes: Uint8Array, kind: string, source: string) => Part;
const partAt =
  (createdAt: Instant): MakePart =>
  (path, bytes, kind, source) => ({ path, bytes: new Uint8Array(bytes), kind, createdAt, source });

async function ofTrade(
  ground: CollectGround,
  acct: AccountId,
  subject: EvidenceSubject & { readonly kind: 'trade' },
): Promise<Records | EvidenceRefusal> {
  const { ledger } = ground;
  const found = await readSnapshot(ground, acct, async (snapshot) => {
    const trade = await findTrade(snapshot, subject.id);
    if (trade === null || !isParty(trade, acct)) return null;
    const [fields, refs, orders, custody, assessments, formerDay] = await Promise.all([
      fieldsOf(snapshot, trade, acct, 'receipt'),
      listInstructionRefs(snapshot.tx, subject.id),
      listOrderTimes(snapshot.tx, [trade.sellOrderId, trade.buyOrderId]),
      listTradeCustody(snapshot.tx, subject.id, trade.buyer),
      listAssessments(snapshot, subject.id),
      findFormerDay(snapshot.tx, subject.id),
    ]);
    return { trade, fields, refs, orders, custody, formerDay, packHash: assessments.at(-1)?.pack_hash ?? null };
  });
  if (found === null) return { kind: 'rejected', code: 'trade_unknown' };
  const { trade, fields, refs, orders, custody, formerDay, packHash } = found;
  const proof = trade.tx_id === null ? null : await ledger.receipt(fromHex(trade.tx_id, 32), fields, true);
  return { proof, orders, custody, payment: { trade, refs, formerDay }, packHash };
}

async function ofItem(
  ground: CollectGround,
  acct: AccountId,
  subject: EvidenceSubject & { readonly kind: 'item' },
): Promise<Records | EvidenceRefusal> {
  const found = await readSnapshot(ground, acct, async (snapshot) => {
    const row = await findItemCustody(snapshot.tx, subject.id);
    return row === null || row.holder !== acct ? null : { row, fields: await ownFields(snapshot, acct, subject.id) };
  });
  if (found === null) return { kind: 'rejected', code: 'item_unknown' };
  const proof = await ground.ledger.passport(BigInt(found.row.serial), found.fields);
  return { proof, orders: [], custody: [found.row], payment: null, packHash: null };
}

/** The very bytes that were signed, apart from the entry that holds them. */
function subjectParts(receipt: Receipt, part: MakePart): readonly Part[] {
  return entriesOf(receipt).flatMap(({ index, entry }) => {
    const { op } = entry.env.body;
    const orders = op.kind === 'trade' ? [op.sell, op.buy] : [];
    return [
      part(`subject/tx-${index}.pce`, encodeTxEnv(entry.env), 'ledger_tx', 'ledger'),
      ...orders.map((order) =>
        part(`subject/order-${toHex(orderIdOf(order.order)).slice(0, 16)}.pce`, encodeSignedOrder(order), 'signed_order', 'party'),
      ),
    ];
  });
}

function ledgerParts(receipt: Receipt, proof: Bytes, part: MakePart): readonly Part[] {
  const { header, finality, trust } = receipt;
  return [
    part(RECEIPT_FILE, proof, 'receipt', 'ledger'),
    ...(trust === null ? [] : [part(TRUST_FILE, encodeTrustBundle(trust), 'trust', 'ledger')]),
    part('ledger/checkpoint.txt', utf8(checkpointText(header, finality)), 'checkpoint', 'ledger'),
  ];
}

/** Copies of the same heights that other members polled to us: a header that only we know would have none. */
async function witnessParts({ sql }: CollectGround, receipt: Receipt, part: MakePart): Promise<readonly Part[]> {
  const heights = headersOf(receipt).map(({ height }) => height);
  const copies = await listPeerCopies(sql, heights);
  return copies.map(({ member, body }) => {
    const { header, finality } = decodeWith(
      (reader) => ({ header: readHeader(reader), finality: readFinality(reader) }),
      new Uint8Array(body),
    );
    return part(`ledger/witness/member-${member}.txt`, utf8(checkpointText(header, finality)), 'witness', `member ${member}`);
  });
}

function requestsOf(orders: readonly OrderTimes[]) {
  return {
    schema: 'daoju.requests/1',
    clockSource: 'operating system of the operator’s server; requestedAt: the quote was asked for, signedAt: its signature arrived',
    orders: orders.map((order) => ({ ...order })),
  };
}

/**
 * Lines of the institution's own statement that name our instructions for this trade, and what they add up to. Null: a former operator settled
 * it, and the statement does not say which of its instructions this was.
 */
async function paymentReceipt({ provider }: CollectGround, { trade, refs, formerDay }: PaymentRecords): Promise<Bytes | null> {
  const days = formerDay === null ? [...new Set(refs.map(({ at }) => beijingDate(at)))] : [formerDay, dayAfter(formerDay)];
  const statement = (await Promise.all(days.map((day) => provider.statement(day)))).flat();
  const sources = new Set(refs.map(({ source }) => source));
  const lines = formerDay === null ? statement.filter(({ source }) => sources.has(source)) : findFormerLines(paidTrade(trade), statement);
  if (lines === null) return null;
  const { grossFen, feeFen, royaltyFen } = amountsOf(trade, lines);
  return canonicalBytes({
    schema: 'daoju.payment-receipt/1',
    institution: provider.name,
    isSimulated: provider.isSimulated,
    tradeId: trade.tradeId,
    grossFen: grossFen.toString(),
    feeFen: feeFen.toString(),
    royaltyFen: royaltyFen.toString(),
    lines: lines.map((line) => ({
      number: line.number.toString(),
      at: toIso(line.at),
      kind: line.kind,
      source: line.source,
      account: line.ref,
      pot: line.pot,
      amountFen: line.amountFen.toString(),
    })),
  });
}

const paidTrade = (trade: TradeRecord): PaidTrade => ({
  ...{ seller: trade.seller, buyer: trade.buyer, studio: trade.studio },
  grossFen: BigInt(trade.gross_fen ?? 0),
  feeFen: BigInt(trade.fee_fen ?? 0),
  royaltyFen: BigInt(trade.royalty_fen ?? 0),
  netFen: BigInt(trade.net_fen ?? 0),
});

const dayAfter = (day: string): string => beijingDate(instant(startOfBeijingDate(day) + 86_400_000));

function rulePack(hash: string | null, part: MakePart): readonly Part[] {
  return hash === null ? [] : [part('ledger/rule-pack.json', canonicalBytes(getPackByHash(hash)), 'rule_pack', 'operator')];
}

async function pkiParts({ pki }: CollectGround, part: MakePart): Promise<readonly Part[]> {
  const { certificates, crls } = await pki.shelf();
  return [
    part('pki/certificates.pem', utf8(certificates.map((der) => toPem(der)).join('')), 'certificates', 'authorities'),
    part('pki/crls.pem', utf8(crls.map((der) => toPem(der, 'X509 CRL')).join('')), 'revocation_lists', 'authorities'),
  ];
}

export const sm3Hex = (bytes: Uint8Array): string => toHex(sm3(bytes));
