/** Lists and objects of the studio's own games (product T-18), and what is published to everybody. */
import { REGISTER } from '#ledger/codec/leaves.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { parseItemId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { LEDGER_CODES } from '#ledger/tx/codes.ts';
import { type Expression, expressionSchema } from '#server/market/expression/expression.ts';
import { parseExpression } from '#server/market/expression/parse-expression.ts';
import { writeExpression } from '#server/market/expression/write-expression.ts';
import { listItemChanges } from '../../studio/item-attributes.repo.ts';
import { classListRow, itemListRow, listingListRow, tradeListRow } from '../../studio/list-rows.schema.ts';
import {
  findItemRow,
  type ListPage,
  listAttributesOf,
  listClassRows,
  listItemHops,
  listItemRows,
  listListingRows,
  listTradeRows,
  nextSeq,
} from '../../studio/lists.repo.ts';
import { enumsAnswer, itemHistory, limitsAnswer, pageOfRows, problemsAnswer, statusAnswer } from '../answers.schema.ts';
import { listDigest, readCursor, writeCursor } from '../cursor.ts';
import { LIMITS } from '../limits.ts';
import { PROBLEMS, Problem } from '../problems.ts';
import { fileRoute, type RestServices, type RouteCall, readRoute } from '../router.ts';
import { LIST_QUERY } from '../schemas.ts';

type List<Row> = {
  readonly name: string;
  /** Rows from this place on belong to a later list. */
  readonly end: (services: RestServices) => bigint | Promise<bigint>;
  readonly rows: (sql: RestServices['sql'], page: ListPage) => Promise<readonly Row[]>;
  readonly placeOf: (row: Row) => string;
};
const countOf = (register: number) => (services: RestServices) => services.ledger.certified.state.count(register);
const serialOf = (row: { readonly ledger_serial: string }) => row.ledger_serial;
const seqOf = (row: { readonly seq: string }) => row.seq;
const CLASSES = { name: 'item-classes', end: countOf(REGISTER.classes), rows: listClassRows, placeOf: serialOf };
const ITEMS = { name: 'items', end: countOf(REGISTER.items), rows: listItemRows, placeOf: serialOf };
const TRADES = { name: 'trades', end: ({ sql }: RestServices) => nextSeq(sql, 'trades'), rows: listTradeRows, placeOf: seqOf };
const LISTINGS = { name: 'listings', end: ({ sql }: RestServices) => nextSeq(sql, 'listings'), rows: listListingRows, placeOf: seqOf };

/** `where=`: the attribute expression of the market, over the kinds (of the items). @throws {Problem} with the place of the fault */
async function whereOf(call: RouteCall<unknown>): Promise<Expression | null> {
  const source = call.query.get('where');
  if (source === null || source.trim() === '') return null;
  const parsed = parseExpression(source, expressionSchema(await listAttributesOf(call.services.sql, call.caller.acct)));
  if (parsed.kind === 'parsed') return parsed.expression;
  throw new Problem(parsed.code, { at: parsed.at, fields: [{ path: 'where', message: `from character ${parsed.at + 1} on` }] });
}

/** Pages by place below the end that the first page saw: no gap, no duplicate, whatever is issued meanwhile. */
async function pageOf<Row>(call: RouteCall<unknown>, list: List<Row>) {
  const now = call.services.clock.now();
  const limit = Math.min(200, Math.max(1, Number(call.query.get('limit') ?? 50) || 50));
  const given = call.query.get('cursor');
  const where = await whereOf(call);
  const digest = listDigest(list.name, where === null ? '' : writeExpression(where));
  const { certified } = call.services.ledger;
  const at =
    given === null
      ? { after: -1n, below: await list.end(call.services), height: certified.height, at: now, list: digest }
      : readCursor(given, digest, now);
  const rows = await list.rows(call.services.sql, {
    acct: call.caller.acct,
    after: at.after,
    below: at.below,
    at: instant(at.at),
    limit: limit + 1,
    where,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? writeCursor({ ...at, after: BigInt(list.placeOf(last)) }) : null;
  const body = { rows: shown, next_cursor: next, snapshot: at.height.toString() };
  // The cursor carries when its list began, so the tag is over what the page shows and where it ends.
  const tag = toHex(sm3(utf8(JSON.stringify([shown, rows.length > limit]))));
  return { status: 200, body, headers: { etag: `"${tag}"` } };
}

function itemIdOf(call: RouteCall<unknown>): string {
  try {
    return parseItemId(call.params.id);
  } catch (error) {
    if (error instanceof ParseError) throw new Problem('item_unknown');
    throw error;
  }
}

export const readRoutes = [
  readRoute({
    path: '/item-classes',
    summary: 'Kinds of your games; where= takes an attribute expression',
    query: LIST_QUERY,
    answer: pageOfRows(classListRow),
    run: (call) => pageOf(call, CLASSES),
  }),
  readRoute({
    path: '/items',
    summary: 'Items of your games; where= takes an attribute expression over their kinds',
    query: LIST_QUERY,
    answer: pageOfRows(itemListRow),
    run: (call) => pageOf(call, ITEMS),
  }),
  readRoute({
    path: '/trades',
    summary: 'Settled trades of your games; where= takes an attribute expression over their kinds',
    query: LIST_QUERY,
    answer: pageOfRows(tradeListRow),
    run: (call) => pageOf(call, TRADES),
  }),
  readRoute({
    path: '/listings',
    summary: 'Open listings of your games; where= takes an attribute expression over their kinds',
    query: LIST_QUERY,
    answer: pageOfRows(listingListRow),
    run: (call) => pageOf(call, LISTINGS),
  }),
  readRoute({
    path: '/items/{id}',
    summary: 'One item',
    answer: itemListRow,
    run: async (call) => {
      const row = await findItemRow(call.services.sql, call.caller.acct, itemIdOf(call));
      if (row === null) throw new Problem('item_unknown');
      return { status: 200, body: row };
    },
  }),
  readRoute({
    path: '/items/{id}/history',
    summary: 'Every hop of an item, and every change of its attributes',
    answer: itemHistory,
    run: async (call) => {
      const itemId = itemIdOf(call);
      if ((await findItemRow(call.services.sql, call.caller.acct, itemId)) === null) throw new Problem('item_unknown');
      const changes = await listItemChanges(call.services.sql, itemId);
      const rows = await listItemHops(call.services.sql, itemId);
      return { status: 200, body: { rows, attributes: changes.map(({ at, before, after }) => ({ at: at.toISOString(), before, after })) } };
    },
  }),
  fileRoute({
    path: '/items/{id}/passport',
    summary: 'Ownership passport, a .plproof file',
    run: async (call) => {
      const row = await findItemRow(call.services.sql, call.caller.acct, itemIdOf(call));
      const file = row === null ? null : await call.services.ledger.passport(BigInt(row.ledger_serial));
      if (file === null) throw new Problem('item_unknown');
      return { status: 200, body: file, headers: { 'content-type': 'application/octet-stream' } };
    },
  }),
  readRoute({
    path: '/enums',
    summary: 'Published lists; clients accept unknown values',
    answer: enumsAnswer,
    access: 'public',
    run: () =>
      Promise.resolve({
        status: 200,
        body: {
          // Grows with every change of a list below.
          version: 1,
          trade_state: ['reserved', 'publicity', 'settled', 'certified', 'protected', 'paid_out', 'disputed', 'reversed', 'failed'],
          write_state: ['accepted', 'sequenced', 'certified', 'rejected'],
          job_state: ['queued', 'running', 'paused', 'finished', 'failed'],
          attribute_type: ['enum', 'integer', 'decimal', 'boolean', 'text', 'date'],
          ledger_code: LEDGER_CODES,
        },
      }),
  }),
  readRoute({
    path: '/limits',
    summary: 'Calls a minute by access and tier',
    answer: limitsAnswer,
    access: 'public',
    run: () => Promise.resolve({ status: 200, body: LIMITS }),
  }),
  readRoute({
    path: '/problems',
    summary: 'Every problem code with its status and sentence',
    answer: problemsAnswer,
    access: 'public',
    run: () => Promise.resolve({ status: 200, body: PROBLEMS }),
  }),
  readRoute({
    path: '/status',
    summary: 'Service status',
    answer: statusAnswer,
    access: 'public',
    run: (call) =>
      Promise.resolve({
        status: 200,
        body: {
          chain: Buffer.from(call.services.ledger.chain).toString('hex'),
          certified_height: call.services.ledger.certified.height.toString(),
          halted: call.services.ledger.health().halted,
        },
      }),
  }),
];
