/** Steps 5 and 9 to 11: exact bytes, other members' copies, receipts from outside the ledger, the order of times. */
import type { Json } from '#ledger/codec/canonical-json.ts';
import type { Header } from '#ledger/codec/header.ts';
import { encodeSignedOrder } from '#ledger/codec/order.ts';
import { decodeEntry, type Entry, encodeTxEnv } from '#ledger/codec/tx.ts';
import { type Bytes, equalBytes, fromUtf8, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import type { Receipt } from '#ledger/proof/receipt.ts';
import { orderIdOf } from '#ledger/tx/ids.ts';
import type { Finding, Verdict } from '#ledger/verify/verdict.ts';
import type { PackageFiles } from './check-files.ts';
import { type Checked, TOLERANCE_MS } from './check-signature.ts';
import { listOf, type Manifest, readJson, recordOf, textOf } from './manifest.ts';
import { EvidenceFailure, requireEvidence } from './steps.ts';

/** The entries that the receipt proves, with their log index. */
export function entriesOf(receipt: Receipt): readonly { readonly index: bigint; readonly entry: Entry }[] {
  return receipt.claims.flatMap((claim) => (claim.kind === 'entry' ? [{ index: claim.index, entry: decodeEntry(claim.entry) }] : []));
}

/** Step 5: what is shown apart as signed bytes is what the entries hold. @throws {EvidenceFailure} */
export function checkSubject(files: PackageFiles, receipt: Receipt, isPartly: boolean): Checked {
  const expected = new Map<string, Bytes>();
  for (const { index, entry } of entriesOf(receipt)) {
    expected.set(`subject/tx-${index}.pce`, encodeTxEnv(entry.env));
    const { op } = entry.env.body;
    if (op.kind !== 'trade') continue;
    for (const order of [op.sell, op.buy])
      expected.set(`subject/order-${toHex(orderIdOf(order.order)).slice(0, 16)}.pce`, encodeSignedOrder(order));
  }
  const shown = [...files].filter(([path]) => path.startsWith('subject/') && path.endsWith('.pce'));
  requireEvidence(shown.length > 0, 'subject_mismatch', { reason: 'nothing is shown' });
  for (const [path, bytes] of shown) {
    const wanted = expected.get(path);
    requireEvidence(wanted !== undefined && equalBytes(wanted, bytes), 'subject_mismatch', { path });
  }
  return { code: isPartly ? 'signatures_partly_unchecked' : null, facts: { files: shown.length } };
}

/** Step 9. A copy at the same height must be the same header; the receipt's own consistency proofs carry older ones. @throws {EvidenceFailure} */
export function checkWitnesses(files: PackageFiles, manifest: Manifest, receipt: Receipt): Checked {
  const copies = manifest.checkpoint.witness;
  if (copies.length === 0) return { code: 'witness_none', facts: {} };
  const known = headersOf(receipt);
  for (const path of copies) {
    const file = files.get(path);
    requireEvidence(file !== undefined, 'file_missing', { path });
    const copy = readCheckpoint(file, path);
    const same = known.find(({ height }) => height === copy.height);
    requireEvidence(same !== undefined, 'witness_mismatch', { path, reason: 'another height' });
    const isEqual = same.logSize === copy.logSize && equalBytes(same.logRoot, copy.logRoot) && equalBytes(same.chain, copy.chain);
    requireEvidence(isEqual, 'witness_mismatch', { path });
  }
  return { code: null, facts: { copies: copies.length } };
}

/** The checkpoint, and every older header that the receipt proves to be its prefix. */
export function headersOf(receipt: Receipt): readonly Header[] {
  return [receipt.header, ...receipt.claims.flatMap((claim) => (claim.kind === 'consistency' ? [claim.header] : []))];
}

function readCheckpoint(file: Uint8Array, path: string): Header {
  try {
    return parseCheckpoint(fromUtf8(file)).header;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new EvidenceFailure('witness_mismatch', { path, because: error.code });
  }
}

/** Ids of field set 1 (`ledger.md` 15.1). */
const PAY_FIELDS = { grossFen: 1, feeFen: 3, royaltyFen: 4 } as const;

/** Step 10. @throws {EvidenceFailure} */
export function checkProvenance(files: PackageFiles, verdict: Verdict): Checked {
  const payment = documentOf(files, 'provenance/payment.json');
  const custody = documentOf(files, 'provenance/custody.json');
  let compared = 0;
  for (const [name, id] of Object.entries(PAY_FIELDS)) {
    const opened = verdict.findings.find((finding) => finding.kind === 'field' && finding.slot === 0 && finding.id === id);
    if (payment === null || opened?.kind !== 'field') continue;
    const onLedger = readU64(opened.value);
    requireEvidence(payment[name] === onLedger, 'payment_mismatch', { field: name, ledger: onLedger, receipt: String(payment[name]) });
    compared += 1;
  }
  let owners = 0;
  for (const row of custody === null ? [] : listOf(custody.items)) {
    const { serial, holder } = recordOf(row);
    const owner = ownerOf(verdict.findings, textOf(serial));
    requireEvidence(owner !== null && owner === holder, 'owner_mismatch', { serial: textOf(serial), ledger: owner ?? '-' });
    owners += 1;
  }
  // There is no game server's receipt on a chain whose studio sends none: the package says so, and the verdict does.
  const isWhole = compared > 0 && owners > 0 && files.has('provenance/game-server.json');
  return { code: isWhole ? null : 'provenance_partial', facts: { amounts: compared, owners } };
}

/** Of the Item as the entry left it when the receipt proves the trade; as it stands now in a passport. */
function ownerOf(findings: readonly Finding[], serial: string): string | null {
  const title = findings.find((finding) => finding.kind === 'title' && finding.serial.toString() === serial);
  if (title?.kind === 'title') return toHex(title.owners.at(-1)?.owner ?? new Uint8Array(0));
  const item = findings.find((finding) => finding.kind === 'item' && finding.serial.toString() === serial);
  return item?.kind === 'item' ? toHex(item.owner) : null;
}

function readU64(value: Uint8Array): string {
  return new DataView(value.buffer, value.byteOffset, value.byteLength).getBigUint64(0, true).toString();
}

/** Step 11: request ≤ signature ≤ sealed ≤ token + 300 s. @throws {EvidenceFailure} */
export function checkTimes(files: PackageFiles, receipt: Receipt, stampedAt: Instant | null): Checked {
  const requests = documentOf(files, 'provenance/requests.json');
  const entries = entriesOf(receipt);
  const sealed = headersOf(receipt).filter(({ height }) => entries.some(({ entry }) => entry.height === height));
  const first = sealed[0] ?? receipt.header;
  const sealedAt = Number(first.sealedAt);
  for (const row of requests === null ? [] : listOf(requests.orders)) {
    const { requestedAt, signedAt } = recordOf(row);
    const [asked, signed] = [parseInstant(requestedAt), parseInstant(signedAt)];
    requireEvidence(asked <= signed && signed <= sealedAt, 'time_order', { requestedAt: toIso(asked), signedAt: toIso(signed), sealedAt });
  }
  if (stampedAt !== null) {
    const latest = Number(receipt.header.sealedAt);
    requireEvidence(latest <= stampedAt + TOLERANCE_MS, 'time_order', { sealedAt: latest, stampedAt: toIso(stampedAt) });
  }
  const orders = requests === null ? 0 : listOf(requests.orders).length;
  return { code: stampedAt === null ? 'time_stamp_none' : null, facts: { orders, sealedAt } };
}

function documentOf(files: PackageFiles, path: string): { readonly [key: string]: Json } | null {
  const file = files.get(path);
  return file === undefined ? null : recordOf(readJson(file));
}
