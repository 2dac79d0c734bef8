/**
 * Receipt and TrustBundle (`ledger.md` 16): what a person keeps, and what proves a title with every server off.
 * Files: `.plproof` holds a Receipt, `.pltrust` a TrustBundle.
 */
import { type Genesis, readGenesis, writeGenesis } from '#ledger/codec/genesis.ts';
import { type Finality, type Header, readFinality, readHeader, writeFinality, writeHeader } from '#ledger/codec/header.ts';
import { decodeWith, type Reader } from '#ledger/codec/reader.ts';
import { type Recovery, readRecovery, writeRecovery } from '#ledger/codec/recovery.ts';
import { encodeWith, type Writer } from '#ledger/codec/writer.ts';
import { type Bytes, equalBytes, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Claim, readClaim, readHashes, SMALLEST_CLAIM, writeClaim, writeHashes } from './claim.ts';

export const RECEIPT_MAGIC: Bytes = utf8('PLPROOF1');
export const MAX_RECEIPT_BYTES = 4 * 1024 * 1024;
export const MAX_CLAIMS = 2048;
const MAX_LINKS = 1024;
const MAX_ENTRY = 65_535;

/** Genesis and every change of the consortium since: what turns a ChainId into the keys to trust. */
export interface TrustBundle {
  readonly genesis: Genesis;
  /** In order of what they bring into force. */
  readonly links: readonly Link[];
}

export type Link = UpdateLink | RecoveryLink;

/** A ConfigUpdate that was really recorded: an approved configuration that never entered the log convinces nobody. */
export interface UpdateLink {
  readonly kind: 'update';
  /** PCE of the Entry. */
  readonly entry: Bytes;
  readonly index: bigint;
  readonly path: readonly Bytes[];
  readonly header: Header;
  readonly finality: Finality;
}

/** An epoch that began with a Recovery (13.2): its Seals and approvals are in it. */
export interface RecoveryLink {
  readonly kind: 'recovery';
  readonly recovery: Recovery;
}

export interface Receipt {
  readonly chain: Bytes;
  readonly trust: TrustBundle | null;
  readonly header: Header;
  readonly finality: Finality;
  readonly claims: readonly Claim[];
}

function writeLink(writer: Writer, link: Link): void {
  switch (link.kind) {
    case 'update':
      writer.uleb(0).bytes(link.entry).u64(link.index);
      writeHashes(writer, link.path);
      writeHeader(writer, link.header);
      writeFinality(writer, link.finality);
      return;
    case 'recovery':
      writer.uleb(1);
      writeRecovery(writer, link.recovery);
      return;
  }
}

function readLink(reader: Reader): Link {
  const variant = reader.uleb();
  if (variant === 1) return { kind: 'recovery', recovery: readRecovery(reader) };
  if (variant !== 0) throw new ParseError('pce_unknown_variant', { offset: reader.offset, variant });
  return {
    kind: 'update',
    entry: reader.bytes(MAX_ENTRY),
    index: reader.u64(),
    path: readHashes(reader),
    header: readHeader(reader),
    finality: readFinality(reader),
  };
}

export function writeTrustBundle(writer: Writer, trust: TrustBundle): void {
  writeGenesis(writer, trust.genesis);
  writer.vec(trust.links, writeLink);
}

export function readTrustBundle(reader: Reader): TrustBundle {
  return { genesis: readGenesis(reader), links: reader.vec(readLink, { smallest: 300, max: MAX_LINKS }) };
}

export function encodeReceipt(receipt: Receipt): Bytes {
  return encodeWith((writer, value) => {
    writer.fixed(RECEIPT_MAGIC).b32(value.chain).option(value.trust, writeTrustBundle);
    writeHeader(writer, value.header);
    writeFinality(writer, value.finality);
    writer.vec(value.claims, writeClaim);
  }, receipt);
}

/** @throws {ParseError} `receipt_magic`, or a code of the reader */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > MAX_RECEIPT_BYTES) throw new ParseError('pce_over_limit', { bytes: bytes.length });
  return decodeWith((reader) => {
    if (!equalBytes(reader.fixed(RECEIPT_MAGIC.length), RECEIPT_MAGIC)) throw new ParseError('receipt_magic');
    return {
      chain: reader.b32(),
      trust: reader.option(readTrustBundle),
      header: readHeader(reader),
      finality: readFinality(reader),
      claims: reader.vec(readClaim, { smallest: SMALLEST_CLAIM, min: 1, max: MAX_CLAIMS }),
    };
  }, bytes);
}

export const encodeTrustBundle = (trust: TrustBundle): Bytes => encodeWith(writeTrustBundle, trust);

/** @throws {ParseError} */
export function decodeTrustBundle(bytes: Uint8Array): TrustBundle {
  if (bytes.length > MAX_RECEIPT_BYTES) throw new ParseError('pce_over_limit', { bytes: bytes.length });
  return decodeWith(readTrustBundle, bytes);
}

/** Tells the two files apart by their first bytes. */
export function isReceipt(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, RECEIPT_MAGIC.length), RECEIPT_MAGIC);
}
