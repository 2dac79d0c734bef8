/** Bytes of an op: its number, then its payload. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { readAuthPolicy, writeAuthPolicy } from './auth-policy.ts';
import { MAX_MEMBERS, readConsortiumConfig, writeConsortiumConfig } from './config.ts';
import { readMemberSig, writeMemberSig } from './header.ts';
import {
  type AttestSubject,
  type ClassDefinition,
  type FreezeTarget,
  type ItemMove,
  type MintItem,
  OP_NUMBER,
  type Op,
  RESERVED_OP_NUMBERS,
} from './op-types.ts';
import { readOrder, readSignedOrder, writeOrder, writeSignedOrder } from './order.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { encodeWith, type Writer } from './writer.ts';

export const MAX_MINT_ITEMS = 200;
export const MAX_CLASSES = 100;
export const MAX_MOVES = 32;
export const MAX_JURISDICTION = 16;
const MAX_EVIDENCE = 65_535;

function writeTarget(writer: Writer, target: FreezeTarget): void {
  switch (target.kind) {
    case 'item':
      writer.uleb(1).u64(target.serial);
      return;
    case 'account':
      writer.uleb(2).b32(target.acct);
      return;
    case 'class':
      writer.uleb(3).u32(target.cls);
      return;
  }
}

function readTarget(reader: Reader): FreezeTarget {
  const variant = reader.uleb();
  if (variant === 1) return { kind: 'item', serial: reader.u64() };
  if (variant === 2) return { kind: 'account', acct: reader.b32() };
  if (variant === 3) return { kind: 'class', cls: reader.u32() };
  throw new ParseError('pce_unknown_variant', { offset: reader.offset, variant });
}

/** Attest numbers its subjects one further: 0 none, 1 entry, 2 Item, 3 Account, 4 Class. */
function writeSubject(writer: Writer, subject: AttestSubject): void {
  switch (subject.kind) {
    case 'none':
      writer.uleb(0);
      return;
    case 'entry':
      writer.uleb(1).u64(subject.index);
      return;
    case 'item':
      writer.uleb(2).u64(subject.serial);
      return;
    case 'account':
      writer.uleb(3).b32(subject.acct);
      return;
    case 'class':
      writer.uleb(4).u32(subject.cls);
      return;
  }
}

function readSubject(reader: Reader): AttestSubject {
  const variant = reader.uleb();
  if (variant === 0) return { kind: 'none' };
  if (variant === 1) return { kind: 'entry', index: reader.u64() };
  if (variant === 2) return { kind: 'item', serial: reader.u64() };
  if (variant === 3) return { kind: 'account', acct: reader.b32() };
  if (variant === 4) return { kind: 'class', cls: reader.u32() };
  throw new ParseError('pce_unknown_variant', { offset: reader.offset, variant });
}

function writeMove(writer: Writer, move: ItemMove): void {
  writer.u64(move.serial).u64(move.ver).b32(move.to);
}

function readMoves(reader: Reader): readonly ItemMove[] {
  return reader.vec((r): ItemMove => ({ serial: r.u64(), ver: r.u64(), to: r.b32() }), { smallest: 48, min: 1, max: MAX_MOVES });
}

function writeClass(writer: Writer, definition: ClassDefinition): void {
  writer.b32(definition.ext).u8(definition.transferRule).u64(definition.supplyCap);
  writer.b32(definition.meta).b32(definition.media).b32(definition.terms);
}

function readClass(reader: Reader): ClassDefinition {
  return {
    ext: reader.b32(),
    transferRule: reader.u8(),
    supplyCap: reader.u64(),
    meta: reader.b32(),
    media: reader.b32(),
    terms: reader.b32(),
  };
}

function writeMintItem(writer: Writer, item: MintItem): void {
  writer.u32(item.cls).b32(item.to).b32(item.ext).b32(item.meta);
}

function readMintItem(reader: Reader): MintItem {
  return { cls: reader.u32(), to: reader.b32(), ext: reader.b32(), meta: reader.b32() };
}

export function writeOp(writer: Writer, op: Op): void {
  writer.uleb(OP_NUMBER[op.kind]);
  switch (op.kind) {
    case 'account_open':
      writeAuthPolicy(writer, op.policy);
      writer.u8(op.accountKind).b32(op.kyc).b32(op.env);
      return;
    case 'account_rotate':
      writer.b32(op.acct).u8(op.mode).option(op.policy, writeAuthPolicy);
      return;
    case 'class_define':
      writer.b32(op.issuer).vec(op.classes, writeClass);
      return;
    case 'mint':
      writer.vec(op.items, writeMintItem);
      return;
    case 'burn':
    case 'unlock':
      writer.u64(op.serial).u64(op.ver);
      return;
    case 'transfer':
      writer.u64(op.serial).u64(op.ver).b32(op.to).b32(op.pay).b32(op.env);
      return;
    case 'trade':
      writer.b16(op.tradeId);
      writeSignedOrder(writer, op.sell);
      writeSignedOrder(writer, op.buy);
      writer.vec(op.items, (w, serial) => w.u64(serial));
      writer
        .b32(op.pay)
        .b32(op.env)
        .b32(op.rulePack)
        .u32(op.protectMs)
        .option(op.experiment, (w, id) => w.b32(id));
      return;
    case 'order_cancel':
      writeOrder(writer, op.order);
      return;
    case 'lock':
      writer.u64(op.serial).u64(op.ver).b32(op.locker).u64(op.until);
      return;
    case 'freeze':
      writeTarget(writer, op.target);
      writer.u64(op.until).b32(op.doc);
      return;
    case 'unfreeze':
      writeTarget(writer, op.target);
      writer.b32(op.doc);
      return;
    case 'court_order':
      writer.vec(op.items, writeMove).b32(op.doc);
      return;
    case 'attest':
      writeSubject(writer, op.subject);
      writer.u8(op.attestKind).b32(op.doc);
      return;
    case 'studio_sunset':
      writer
        .b32(op.studio)
        .u64(op.at)
        .b32(op.archive)
        .option(op.successor, (w, acct) => w.b32(acct));
      return;
    case 'rule_pack_activate':
      writer.string(op.jurisdiction).b32(op.pack).u64(op.from).u8(op.tighten);
      return;
    case 'experiment_transition':
      writer.b32(op.experiment).u8(op.to).u8(op.flags).b32(op.doc);
      return;
    case 'config_update':
      writeConsortiumConfig(writer, op.config);
      writer.vec(op.approvals, writeMemberSig);
      return;
    case 'evidence':
      writer.u8(op.evidenceKind).bytes(op.a).bytes(op.b);
      return;
    case 'payload_erased':
      writer.b32(op.env).b32(op.basis);
      return;
    case 'trade_reverse':
      writer.u64(op.entry).vec(op.items, writeMove).b32(op.doc).b32(op.pay).b32(op.env).b32(op.rulePack);
      return;
    case 'item_update':
      writer.u64(op.serial).u64(op.ver).b32(op.meta);
      return;
    case 'class_update':
      writer.u32(op.cls).u64(op.supplyCap).b32(op.meta).b32(op.media).b32(op.terms).u64(op.from);
      return;
    case 'consent':
      writer.b32(op.acct).u32(op.cls).u8(op.powers).u64(op.until);
      return;
  }
}

function readTrade(reader: Reader): Op {
  const tradeId = reader.b16();
  const sell = readSignedOrder(reader);
  const buy = readSignedOrder(reader);
  const items = reader.vec((r) => r.u64(), { smallest: 8, min: 1, max: MAX_MOVES });
  requireAscending(items, (a, b) => (a < b ? -1 : a > b ? 1 : 0), 'items');
  return {
    kind: 'trade',
    tradeId,
    sell,
    buy,
    items,
    pay: reader.b32(),
    env: reader.b32(),
    rulePack: reader.b32(),
    protectMs: reader.u32(),
    experiment: reader.option((r) => r.b32()),
  };
}

type ReadPayload = (reader: Reader) => Op;

const READ_PAYLOAD: ReadonlyMap<number, ReadPayload> = new Map<number, ReadPayload>([
  [OP_NUMBER.account_open, (r) => ({ kind: 'account_open', policy: readAuthPolicy(r), accountKind: r.u8(), kyc: r.b32(), env: r.b32() })],
  [OP_NUMBER.account_rotate, (r) => ({ kind: 'account_rotate', acct: r.b32(), mode: r.u8(), policy: r.option(readAuthPolicy) })],
  [
    OP_NUMBER.class_define,
    (r) => ({ kind: 'class_define', issuer: r.b32(), classes: r.vec(readClass, { smallest: 137, min: 1, max: MAX_CLASSES }) }),
  ],
  [OP_NUMBER.mint, (r) => ({ kind: 'mint', items: r.vec(readMintItem, { smallest: 100, min: 1, max: MAX_MINT_ITEMS }) })],
  [OP_NUMBER.burn, (r) => ({ kind: 'burn', serial: r.u64(), ver: r.u64() })],
  [OP_NUMBER.transfer, (r) => ({ kind: 'transfer', serial: r.u64(), ver: r.u64(), to: r.b32(), pay: r.b32(), env: r.b32() })],
  [OP_NUMBER.trade, readTrade],
  [OP_NUMBER.order_cancel, (r) => ({ kind: 'order_cancel', order: readOrder(r) })],
  [OP_NUMBER.lock, (r) => ({ kind: 'lock', serial: r.u64(), ver: r.u64(), locker: r.b32(), until: r.u64() })],
  [OP_NUMBER.unlock, (r) => ({ kind: 'unlock', serial: r.u64(), ver: r.u64() })],
  [OP_NUMBER.freeze, (r) => ({ kind: 'freeze', target: readTarget(r), until: r.u64(), doc: r.b32() })],
  [OP_NUMBER.unfreeze, (r) => ({ kind: 'unfreeze', target: readTarget(r), doc: r.b32() })],
  [OP_NUMBER.court_order, (r) => ({ kind: 'court_order', items: readMoves(r), doc: r.b32() })],
  [OP_NUMBER.attest, (r) => ({ kind: 'attest', subject: readSubject(r), attestKind: r.u8(), doc: r.b32() })],
  [
    OP_NUMBER.studio_sunset,
    (r) => ({ kind: 'studio_sunset', studio: r.b32(), at: r.u64(), archive: r.b32(), successor: r.option((x) => x.b32()) }),
  ],
  [
    OP_NUMBER.rule_pack_activate,
    (r) => ({ kind: 'rule_pack_activate', jurisdiction: r.string(MAX_JURISDICTION), pack: r.b32(), from: r.u64(), tighten: r.u8() }),
  ],
  [
    OP_NUMBER.experiment_transition,
    (r) => ({ kind: 'experiment_transition', experiment: r.b32(), to: r.u8(), flags: r.u8(), doc: r.b32() }),
  ],
  [
    OP_NUMBER.config_update,
    (r) => ({
      kind: 'config_update',
      config: readConsortiumConfig(r),
      approvals: r.vec(readMemberSig, { smallest: 66, max: MAX_MEMBERS }),
    }),
  ],
  [OP_NUMBER.evidence, (r) => ({ kind: 'evidence', evidenceKind: r.u8(), a: r.bytes(MAX_EVIDENCE), b: r.bytes(MAX_EVIDENCE) })],
  [OP_NUMBER.payload_erased, (r) => ({ kind: 'payload_erased', env: r.b32(), basis: r.b32() })],
  [
    OP_NUMBER.trade_reverse,
    (r) => ({ kind: 'trade_reverse', entry: r.u64(), items: readMoves(r), doc: r.b32(), pay: r.b32(), env: r.b32(), rulePack: r.b32() }),
  ],
  [OP_NUMBER.item_update, (r) => ({ kind: 'item_update', serial: r.u64(), ver: r.u64(), meta: r.b32() })],
  [
    OP_NUMBER.class_update,
    (r) => ({ kind: 'class_update', cls: r.u32(), supplyCap: r.u64(), meta: r.b32(), media: r.b32(), terms: r.b32(), from: r.u64() }),
  ],
  [OP_NUMBER.consent, (r) => ({ kind: 'consent', acct: r.b32(), cls: r.u32(), powers: r.u8(), until: r.u64() })],
]);

/** @throws {ParseError} `op_unknown`, `op_reserved`: the decoding ends at the number */
export function readOp(reader: Reader): Op {
  const number = reader.uleb();
  const readPayload = READ_PAYLOAD.get(number);
  if (readPayload === undefined) throw new ParseError(RESERVED_OP_NUMBERS.includes(number) ? 'op_reserved' : 'op_unknown', { number });
  return readPayload(reader);
}

export const encodeOp = (op: Op): Bytes => encodeWith(writeOp, op);
/** @throws {ParseError} */
export const decodeOp = (bytes: Uint8Array): Op => decodeWith(readOp, bytes);
