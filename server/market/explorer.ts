/** Blocks and entries for everybody: what the ledger publishes, decoded. Only certified blocks are read, and they never change. */
import { NO_ENTRY, REGISTER } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import type { BlockSummary, LedgerReader } from '#ledger/node/types.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { Sql } from '#server/db.ts';
import { plainBytes } from '#server/exchange/rows.repo.ts';
import { query } from '#server/journal/rows.repo.ts';
import { archiveView, type GameArchives } from '#server/members/game-archives.ts';
import type { BlockPage, BlockRow, EntryPage, EntryRow, StatePage } from '#server/trpc/views.ts';
import { plainJson } from './plain-json.ts';

/** Any member's: nothing of a market is read. */
export type ExplorerGround = {
  readonly sql: Sql;
  readonly ledger: LedgerReader;
  /** Of ended games, as far as they are kept here. */
  readonly archives?: Pick<GameArchives, 'of'>;
};

const PAGE = 50;
const REGISTER_NAMES = new Map<number, string>(Object.entries(REGISTER).map(([name, reg]) => [reg, name]));

export type BlocksPage = { readonly rows: readonly BlockRow[]; readonly nextBefore: number | null };

/** Newest first. */
export async function listBlocks({ ledger }: Pick<ExplorerGround, 'ledger'>, before: number | undefined): Promise<BlocksPage> {
  const blocks = await ledger.blocks({ limit: PAGE, ...(before === undefined ? {} : { before: BigInt(before) }) });
  const last = blocks.at(-1);
  return { rows: blocks.map(blockRow), nextBefore: last === undefined || last.height === 0n ? null : Number(last.height) };
}

export async function getBlock({ ledger, sql }: ExplorerGround, height: number): Promise<BlockPage | null> {
  const block = await ledger.block(BigInt(height));
  if (block === null) return null;
  const rows = await query<EntryColumns>(
    sql,
    "select idx, height, encode(tx_id, 'hex') as tx_id, body from ledger.entries where height = $1::bigint order by idx",
    [String(height)],
  );
  return {
    ...blockRow(block),
    logRoot: toHex(block.header.logRoot),
    stateRoot: toHex(block.header.stateRoot),
    configHash: toHex(block.header.configHash),
    entries: rows.map((row) => entryRow(row, decodeEntry(plainBytes(row.body)))),
  };
}

export async function getEntry(ground: ExplorerGround, index: number): Promise<EntryPage | null> {
  const [row] = await query<EntryColumns>(
    ground.sql,
    "select idx, height, encode(tx_id, 'hex') as tx_id, body from ledger.entries where idx = $1::bigint",
    [String(index)],
  );
  if (row === undefined) return null;
  const bytes = plainBytes(row.body);
  const entry = decodeEntry(bytes);
  const block = await ground.ledger.block(BigInt(row.height));
  const { env, effects } = entry;
  const { op, ...body } = env.body;
  return {
    ...entryRow(row, entry),
    height: Number(row.height),
    sealedAt: block === null ? '' : sealedAtOf(block),
    bytes: toHex(bytes),
    decoded: plainJson({ ...body, op, signatures: env.sigs }),
    effects: effects.map((effect) => ({
      register: REGISTER_NAMES.get(effect.reg) ?? String(effect.reg),
      index: effect.index.toString(),
      leaf: toHex(effect.leaf),
      prev: effect.prev === NO_ENTRY ? null : effect.prev.toString(),
    })),
    signers: env.sigs.map((sig) => ({ acct: toHex(sig.acct), keyIdx: sig.keyIdx, batchSize: sig.batchSize })),
  };
}

/** By transaction id in hex; null before certification. */
export async function getEntryOfTx(ground: ExplorerGround, txId: string): Promise<EntryPage | null> {
  const [row] = await query<{ idx: string }>(ground.sql, "select idx from ledger.entries where tx_id = decode($1, 'hex')", [
    toHex(fromHex(txId, 32)),
  ]);
  return row === undefined ? null : getEntry(ground, Number(row.idx));
}

/** A leaf as it stands now, and where its proof can be saved. Items and kinds by number, accounts by id; null for what nobody has recorded. */
export function findInState(
  { ledger, archives }: Pick<ExplorerGround, 'ledger' | 'archives'>,
  register: StatePage['register'],
  id: string,
): StatePage | null {
  const { state, height } = ledger.certified;
  const leaf = findLeaf(state, register, id);
  if (leaf === null) return null;
  const archive = register === 'accounts' ? (archives?.of(id) ?? null) : null;
  return {
    register,
    id,
    height: Number(height),
    lastEntry: leaf.lastEntry === NO_ENTRY ? null : leaf.lastEntry.toString(),
    leaf: plainJson(leaf),
    proofs: [
      ...PROOFS[register].map((what) => ({ what, href: `/ledger/v1/${NOUNS[register]}/${id}/${what}` })),
      ...(archive === null ? [] : [{ what: 'archive' as const, href: archiveView(archive).href }]),
    ],
  };
}

const NOUNS = { items: 'item', accounts: 'account', classes: 'class' } as const;
/** Of a kind alone there is no proof to fetch: its Items' receipts carry it. */
const PROOFS = { items: ['proof', 'history'], accounts: ['holdings'], classes: [] } as const satisfies Record<
  StatePage['register'],
  readonly StatePage['proofs'][number]['what'][]
>;

function findLeaf(state: StateView, register: StatePage['register'], id: string) {
  if (register === 'accounts') return /^[0-9a-f]{64}$/.test(id) ? state.accountById(fromHex(id, 32)) : null;
  if (!/^(?:0|[1-9]\d{0,14})$/.test(id)) return null;
  return register === 'items' ? state.itemBySerial(BigInt(id)) : state.classById(Number(id));
}

type EntryColumns = { idx: string; height: string; tx_id: string; body: Uint8Array };

function blockRow(block: BlockSummary): BlockRow {
  const { header, headerHash, finality, signers } = block;
  return {
    height: Number(header.height),
    headerHash: toHex(headerHash),
    prevHash: toHex(header.prevHash),
    sealedAt: sealedAtOf(block),
    txCount: header.txCount,
    logSize: Number(header.logSize),
    signers,
    // The header of height 0 is computed by everybody and voted by nobody.
    certified: finality !== null || header.height === 0n,
  };
}

function sealedAtOf({ header }: BlockSummary): string {
  return toIso(instant(Number(header.sealedAt)));
}

function entryRow(row: EntryColumns, entry: Entry): EntryRow {
  const { op } = entry.env.body;
  return {
    index: Number(row.idx),
    pos: entry.pos,
    txId: row.tx_id,
    op: op.kind,
    summary: summaryOf(op),
    size: row.body.length,
  };
}

/** What it is about in a few signs, the same in both languages: counts, serials, beginnings of ids. */
function summaryOf(op: Op): string {
  const short = (bytes: Uint8Array): string => `${toHex(bytes).slice(0, 8)}…`;
  switch (op.kind) {
    case 'class_define':
      return `${op.classes.length} · ${short(op.issuer)}`;
    case 'mint':
      return `× ${op.items.length}`;
    case 'trade':
      return `${op.items.map((serial) => `#${serial}`).join(' ')} · ${short(op.sell.order.acct)} → ${short(op.buy.order.acct)}`;
    case 'transfer':
      return `#${op.serial} → ${short(op.to)}`;
    case 'burn':
    case 'lock':
    case 'unlock':
    case 'item_update':
      return `#${op.serial}`;
    case 'order_cancel':
      return short(op.order.acct);
    case 'account_rotate':
    case 'consent':
      return short(op.acct);
    case 'rule_pack_activate':
      return `${op.jurisdiction} · ${short(op.pack)}`;
    case 'experiment_transition':
      return `${short(op.experiment)} → ${op.to}`;
    case 'attest':
      return `${op.attestKind} · ${short(op.doc)}`;
    case 'trade_reverse':
      return `${op.entry} · × ${op.items.length}`;
    case 'config_update':
      return `${op.config.epoch}`;
    default:
      return '';
  }
}
