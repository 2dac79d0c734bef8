/** The claims of a Receipt (`ledger.md` 16), each proven against the receipt's one header. */
import { type AuthPolicy, readAuthPolicy, writeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type Finality, type Header, readFinality, readHeader, writeFinality, writeHeader } from '#ledger/codec/header.ts';
import type { Reader } from '#ledger/codec/reader.ts';
import type { Writer } from '#ledger/codec/writer.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

/** An index into `Receipt.claims`, counted from 0. */
export type ClaimIndex = number;

/** The entry is in the log at `index`. */
export interface EntryClaim {
  readonly kind: 'entry';
  readonly index: bigint;
  /** PCE of the Entry. */
  readonly entry: Bytes;
  readonly path: readonly Bytes[];
}
/** The leaf is in the register now. */
export interface LeafClaim {
  readonly kind: 'leaf';
  readonly reg: number;
  readonly index: bigint;
  /** PCE of the leaf. */
  readonly leaf: Bytes;
  readonly count: bigint;
  readonly zeroMap: number;
  readonly path: readonly Bytes[];
  /** The seven other register roots, by id. */
  readonly others: readonly Bytes[];
}
/** No such serial: `index ≥ count`. */
export interface AbsentClaim {
  readonly kind: 'absent';
  readonly reg: number;
  readonly index: bigint;
  readonly count: bigint;
  readonly root: Bytes;
  readonly others: readonly Bytes[];
}
export interface TitleLink {
  readonly entryClaim: ClaimIndex;
  /** PCE of the ItemLeaf as this entry left it. */
  readonly leaf: Bytes;
}
/** Every change of one Item from the first link to the last, oldest first, without a gap. */
export interface TitleClaim {
  readonly kind: 'title';
  readonly links: readonly TitleLink[];
  /** Leaf claim of the Item: the last link is the newest change. */
  readonly current: ClaimIndex | null;
}
/** The account owns exactly these Items. */
export interface HoldingsClaim {
  readonly kind: 'holdings';
  readonly account: ClaimIndex;
  readonly items: readonly ClaimIndex[];
}
/** An older certified header is a prefix of this one. */
export interface ConsistencyClaim {
  readonly kind: 'consistency';
  readonly header: Header;
  readonly finality: Finality;
  readonly path: readonly Bytes[];
}
/** One private term, opened by whoever holds its salt. */
export interface FieldClaim {
  readonly kind: 'field';
  readonly entryClaim: ClaimIndex;
  /** 0 pay, 1 sell terms, 2 buy terms, 3 identity. */
  readonly slot: number;
  readonly id: number;
  readonly salt: Bytes;
  readonly value: Bytes;
  readonly path: readonly Bytes[];
}
export interface Signer {
  /** PCE of the AccountLeaf, named by an effect of the entry or by a Leaf claim. */
  readonly leaf: Bytes;
  readonly policy: AuthPolicy;
}
/** Whose signatures the entry carries, with the keys to check them. */
export interface SignersClaim {
  readonly kind: 'signers';
  readonly entryClaim: ClaimIndex;
  readonly accounts: readonly Signer[];
}

export type Claim = EntryClaim | LeafClaim | AbsentClaim | TitleClaim | HoldingsClaim | ConsistencyClaim | FieldClaim | SignersClaim;

export const CLAIM_NUMBER = {
  entry: 0,
  leaf: 1,
  absent: 2,
  title: 3,
  holdings: 4,
  consistency: 5,
  field: 6,
  signers: 7,
} as const satisfies Readonly<Record<Claim['kind'], number>>;

/** An empty Holdings claim: number, account, count. */
export const SMALLEST_CLAIM = 4;
const MAX_PATH = 64;
const MAX_STATE_PATH = 32;
const MAX_LEAF = 1024;
const MAX_ENTRY = 65_535;
const MAX_FIELD_VALUE = 1024;
const MAX_REFERENCES = 2048;
const OTHER_REGISTERS = 7;
const FIELD_DEPTH = 4;

export function writeHashes(writer: Writer, hashes: readonly Bytes[]): void {
  writer.vec(hashes, (w, hash) => w.b32(hash));
}

export function readHashes(reader: Reader, max: number = MAX_PATH, min = 0): readonly Bytes[] {
  return reader.vec((r) => r.b32(), { smallest: 32, min, max });
}

const readOthers = (reader: Reader): readonly Bytes[] => readHashes(reader, OTHER_REGISTERS, OTHER_REGISTERS);

export function writeClaim(writer: Writer, claim: Claim): void {
  writer.uleb(CLAIM_NUMBER[claim.kind]);
  switch (claim.kind) {
    case 'entry':
      writer.u64(claim.index).bytes(claim.entry);
      writeHashes(writer, claim.path);
      return;
    case 'leaf':
      writer.u8(claim.reg).u64(claim.index).bytes(claim.leaf).u64(claim.count).u32(claim.zeroMap);
      writeHashes(writer, claim.path);
      writeHashes(writer, claim.others);
      return;
    case 'absent':
      writer.u8(claim.reg).u64(claim.index).u64(claim.count).b32(claim.root);
      writeHashes(writer, claim.others);
      return;
    case 'title':
      writer.vec(claim.links, (w, link) => w.u16(link.entryClaim).bytes(link.leaf));
      writer.option(claim.current, (w, at) => w.u16(at));
      return;
    case 'holdings':
      writer.u16(claim.account).vec(claim.items, (w, at) => w.u16(at));
      return;
    case 'consistency':
      writeHeader(writer, claim.header);
      writeFinality(writer, claim.finality);
      writeHashes(writer, claim.path);
      return;
    case 'field':
      writer.u16(claim.entryClaim).u8(claim.slot).u8(claim.id).b16(claim.salt).bytes(claim.value);
      // Four hashes, always: a fixed array has no length before it.
      for (const hash of claim.path) writer.b32(hash);
      return;
    case 'signers':
      writer.u16(claim.entryClaim).vec(claim.accounts, (w, signer) => {
        w.bytes(signer.leaf);
        writeAuthPolicy(w, signer.policy);
      });
      return;
  }
}

export function readClaim(reader: Reader): Claim {
  const number = reader.uleb();
  switch (number) {
    case CLAIM_NUMBER.entry:
      return { kind: 'entry', index: reader.u64(), entry: reader.bytes(MAX_ENTRY), path: readHashes(reader) };
    case CLAIM_NUMBER.leaf:
      return {
        kind: 'leaf',
        reg: reader.u8(),
        index: reader.u64(),
        leaf: reader.bytes(MAX_LEAF),
        count: reader.u64(),
        zeroMap: reader.u32(),
        path: readHashes(reader, MAX_STATE_PATH),
        others: readOthers(reader),
      };
    case CLAIM_NUMBER.absent:
      return {
        kind: 'absent',
        reg: reader.u8(),
        index: reader.u64(),
        count: reader.u64(),
        root: reader.b32(),
        others: readOthers(reader),
      };
    case CLAIM_NUMBER.title:
      return {
        kind: 'title',
        links: reader.vec((r): TitleLink => ({ entryClaim: r.u16(), leaf: r.bytes(MAX_LEAF) }), {
          smallest: 3,
          min: 1,
          max: MAX_REFERENCES,
        }),
        current: reader.option((r) => r.u16()),
      };
    case CLAIM_NUMBER.holdings:
      return { kind: 'holdings', account: reader.u16(), items: reader.vec((r) => r.u16(), { smallest: 2, max: MAX_REFERENCES }) };
    case CLAIM_NUMBER.consistency:
      return { kind: 'consistency', header: readHeader(reader), finality: readFinality(reader), path: readHashes(reader, 2 * MAX_PATH) };
    case CLAIM_NUMBER.field:
      return {
        kind: 'field',
        entryClaim: reader.u16(),
        slot: reader.u8(),
        id: reader.u8(),
        salt: reader.b16(),
        value: reader.bytes(MAX_FIELD_VALUE),
        path: Array.from({ length: FIELD_DEPTH }, () => reader.b32()),
      };
    case CLAIM_NUMBER.signers:
      return {
        kind: 'signers',
        entryClaim: reader.u16(),
        accounts: reader.vec((r): Signer => ({ leaf: r.bytes(MAX_LEAF), policy: readAuthPolicy(r) }), { smallest: 75, min: 1, max: 32 }),
      };
    default:
      throw new ParseError('pce_unknown_variant', { offset: reader.offset, variant: number });
  }
}
