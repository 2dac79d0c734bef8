/**
 * The read API under `/ledger/v1` (`ledger.md` 16) and the door for LedgerTx that people send themselves. Static paths come from
 * the exported files; the rest is answered from the certified state. Answers are bytes or RFC 8785-like JSON, never HTML.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { MAX_ENTRY_BYTES, type TxEnv } from '#ledger/codec/tx.ts';
import { parseTilePath } from '#ledger/merkle/tiles.ts';
import { type Bytes, fromHex, fromUtf8, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { parseTxEnv } from '#ledger/tx/parse.ts';
import type { GivenPromise } from './consortium/runtime.ts';
import type { FollowerNode } from './follower-node.ts';
import { nodeStatus } from './node-status.ts';
import { consistencyProof, judgeShown, type ShownOptions } from './shown-head.ts';
import type { GroupResult, LedgerReader } from './types.ts';

const PREFIX = '/ledger/v1/';

/** What people may send themselves. Everything else goes through the market or the studio API, which keep books about it. */
const SUBMITTABLE: ReadonlySet<Op['kind']> = new Set<Op['kind']>([
  'transfer',
  'account_rotate',
  'order_cancel',
  'lock',
  'unlock',
  'burn',
  'consent',
  // Of a member's staff, to any node: nobody's books follow it, and its approvals are its own proof.
  'config_update',
]);

/** What the consortium itself decides: any member takes it, and the operator sequences it beside its own. */
const OF_THE_CONSORTIUM: ReadonlySet<Op['kind']> = new Set<Op['kind']>([
  'evidence',
  'attest',
  'freeze',
  'unfreeze',
  'court_order',
  'studio_sunset',
  'rule_pack_activate',
]);

/** Whether a market takes such a LedgerTx from another member. */
export const isTakenFromMembers = (op: Op): boolean => SUBMITTABLE.has(op.kind) || OF_THE_CONSORTIUM.has(op.kind);

export interface LedgerHttpOptions {
  /** Where the exporter writes. */
  readonly exportDir: string;
  /** The market's sequences with custody in one database transaction, a member's validates and promises; without it `POST /submit` is refused. */
  readonly submit?: (env: TxEnv) => Promise<GroupResult | Awaited<ReturnType<FollowerNode['submit']>>>;
  /** This member's word for a LedgerTx that the market has just sequenced. */
  readonly promise?: (txId: Bytes) => Promise<GivenPromise | null>;
  /** Documents that the ledger names by hash: terms of a kind, rule packs, experiments. The asker compares the hash. */
  readonly document?: (sm3: string, cls: number | null) => Promise<Bytes | null>;
  /** Kinds from a serial on as the market describes them, for members that keep a copy; JSON. */
  readonly kinds?: (from: bigint) => Promise<Bytes>;
  /** What a member keeps for the day of a takeover, sealed for its key; JSON. Null: nothing for that member. */
  readonly papers?: (member: number) => Promise<Bytes | null>;
  /** What is done with checkpoints that wallets show; without it they are not taken. */
  readonly shown?: ShownOptions;
  /** Which ops are taken at this door; by default those that people send themselves, since a market keeps books about the others. */
  readonly takes?: (op: Op) => boolean;
}

export type LedgerHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Resolves false when the path is not the ledger's. */
export function ledgerHttp(node: LedgerReader, options: LedgerHttpOptions): LedgerHandler {
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://ledger');
    if (!pathname.startsWith(PREFIX)) return false;
    // Receipts and tiles are public and self-proving: any page may fetch them.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('x-content-type-options', 'nosniff');
    try {
      await answer(node, options, request, response, pathname.slice(PREFIX.length));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      refuse(response, 400, error.code);
    }
    return true;
  };
}

async function answer(
  node: LedgerReader,
  options: LedgerHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
): Promise<void> {
  if (route === 'submit') return submit(options, request, response);
  if (route === 'checkpoint' && request.method === 'POST') return takeCheckpoint(node, options, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'method_not_allowed');
  const [noun = '', id = '', what = '', ...more] = route.split('/');
  if (more.length > 0 && noun !== 'tile') return refuse(response, 404, 'not_found');
  switch (noun) {
    case 'status':
      return id === '' ? sendJson(response, 200, nodeStatus(node)) : refuse(response, 404, 'not_found');
    case 'consistency':
      return sendProof(response, consistencyProof(node.certified, serialOf(id), serialOf(what)), `log-${id}-${what}.proof`);
    case 'checkpoint':
    case 'trust':
      return id === '' ? sendFile(response, options, route, false) : refuse(response, 404, 'not_found');
    case 'block':
      return sendFile(response, options, `block/${serialOf(id)}`, true);
    case 'tile': {
      parseTilePath(route); // the pattern is the proof that the path stays in the folder
      return sendFile(response, options, route, true);
    }
    case 'tx':
      return sendStatus(node, response, fromHex(id, 32));
    case 'receipt':
      return sendProof(response, await node.receipt(fromHex(id, 32)), `${id.slice(0, 16)}.plproof`);
    case 'item':
      if (what === 'proof') return sendProof(response, await node.itemProof(serialOf(id)), `item-${id}.plproof`);
      if (what === 'history') return sendProof(response, await node.passport(serialOf(id)), `item-${id}-history.plproof`);
      return refuse(response, 404, 'not_found');
    case 'document':
      if (what !== '' && !/^\d{1,9}$/.test(what)) return refuse(response, 404, 'not_found');
      return sendDocument(response, await options.document?.(toHex(fromHex(id, 32)), what === '' ? null : Number(what)));
    case 'kinds':
      return sendDocument(response, what === '' ? await options.kinds?.(serialOf(id)) : null);
    case 'archive':
      // Of an ended game, by its issuing account: written once.
      if (what !== '') return refuse(response, 404, 'not_found');
      response.setHeader('content-disposition', `attachment; filename="game-${id.slice(0, 16)}.zip"`);
      return sendFile(response, options, `archive/${toHex(fromHex(id, 32))}.zip`, true);
    case 'papers':
      return sendDocument(response, what === '' && /^\d{1,5}$/.test(id) ? await options.papers?.(Number(id)) : null);
    case 'account':
      if (what !== 'holdings') return refuse(response, 404, 'not_found');
      return sendProof(response, await node.holdings(fromHex(id, 32)), `holdings-${id.slice(0, 16)}.plproof`);
    default:
      return refuse(response, 404, 'not_found');
  }
}

function sendDocument(response: ServerResponse, bytes: Bytes | null | undefined): void {
  if (bytes === null || bytes === undefined) {
    refuse(response, 404, 'not_found');
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'public, max-age=31536000, immutable',
  });
  response.end(bytes);
}

function serialOf(text: string): bigint {
  if (!/^(?:0|[1-9]\d{0,18})$/.test(text)) throw new ParseError('serial_malformed');
  return BigInt(text);
}

/** The whole checkpoint of somebody whose (size, root) is not ours. */
async function takeCheckpoint(
  node: LedgerReader,
  options: LedgerHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = options.shown === undefined ? null : await readBody(request);
  if (options.shown === undefined || body === null) return refuse(response, 405, 'method_not_allowed');
  sendJson(response, 200, { answer: await judgeShown(node, fromUtf8(body), options.shown) });
}

async function submit(options: LedgerHttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return refuse(response, 405, 'method_not_allowed');
  if (options.submit === undefined) return refuse(response, 503, 'submit_unavailable');
  const body = await readBody(request);
  // What is left of the body is not read: the connection cannot be used again.
  if (body === null) {
    response.setHeader('connection', 'close');
    return refuse(response, 413, 'tx_malformed' satisfies LedgerCode);
  }
  const parsed = parseTxEnv(body);
  if (parsed.kind === 'rejected') return refuse(response, 422, parsed.code);
  const { op } = parsed.env.body;
  if (!(options.takes?.(op) ?? SUBMITTABLE.has(op.kind))) return refuse(response, 403, 'op_not_submittable');
  const result = await options.submit(parsed.env);
  if (result.kind === 'rejected') return refuse(response, 422, result.code);
  if (result.kind === 'promised') {
    sendJson(response, 202, { status: 'waiting', txId: toHex(result.txId), seq: '0', replayed: false, promise: promiseOf(result.given) });
    return;
  }
  const { txId, seq, replayed } = result;
  const given = replayed ? null : ((await options.promise?.(txId)) ?? null);
  sendJson(response, 202, { status: 'sequenced', txId: toHex(txId), seq: String(seq), replayed, promise: promiseOf(given) });
}

/** `SubmitPromise` with the member's signature under tag `PLP1/promise`; null when it could not give its word. */
function promiseOf(given: GivenPromise | null): { readonly by: string; readonly member: number; readonly sig: string } | null {
  return given === null ? null : { by: String(given.promise.by), member: given.promise.member, sig: toHex(given.sig) };
}

async function readBody(request: IncomingMessage): Promise<Bytes | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    length += part.length;
    if (length > MAX_ENTRY_BYTES) return null;
    chunks.push(part);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function sendStatus(node: LedgerReader, response: ServerResponse, txId: Bytes): Promise<void> {
  const status = await node.status(txId);
  if (status === null) return refuse(response, 404, 'tx_unknown');
  sendJson(response, 200, {
    txId: toHex(txId),
    status: status.status,
    seq: String(status.seq),
    height: status.height === null ? null : String(status.height),
    index: status.index === null ? null : String(status.index),
    refusedCode: status.refusedCode,
    signers: [...status.signers],
  });
}

function sendProof(response: ServerResponse, proof: Bytes | null, name: string): void {
  if (proof === null) {
    refuse(response, 404, 'not_certified');
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': proof.length,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-cache',
  });
  response.end(proof);
}

async function sendFile(response: ServerResponse, options: LedgerHttpOptions, name: string, isImmutable: boolean): Promise<void> {
  const file = path.join(options.exportDir, name);
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) {
    response.removeHeader('content-disposition');
    return refuse(response, 404, 'not_found');
  }
  response.writeHead(200, {
    'content-type': name === 'checkpoint' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    'content-length': found.size,
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  await new Promise<void>((resolve) => {
    const stream = createReadStream(file);
    // The file may go while it is read: the connection then ends early and the length tells the client.
    stream.once('error', () => response.destroy());
    response.once('close', resolve);
    stream.pipe(response);
  });
}

/** The same shape as every refusal of the server; who mounts this sets `x-trace-id`. */
function refuse(response: ServerResponse, status: number, code: string): void {
  const traceId = response.getHeader('x-trace-id');
  sendJson(response, status, { code, message: sentenceOf(status), ...(typeof traceId === 'string' ? { traceId } : {}) });
}

function sentenceOf(status: number): string {
  switch (status) {
    case 403:
      return 'This op goes through the market or the studio API; nothing was done.';
    case 404:
      return 'The ledger has nothing certified at this address.';
    case 405:
      return 'This address does not take this method.';
    case 413:
      return 'A LedgerTx has at most 65,535 bytes; nothing was done.';
    case 422:
      return 'The ledger refused the LedgerTx for the reason in code; nothing was done.';
    case 503:
      return 'This node takes no LedgerTx.';
    default:
      return 'The request could not be read.';
  }
}

function sendJson(response: ServerResponse, status: number, body: Parameters<typeof canonicalText>[0]): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(canonicalText(body));
}
