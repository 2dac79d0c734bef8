/**
 * `POST /api/my-data/export`: one's own data as a zip (product P-46). Asked for by a session and by the key again, over `daoju.my-data/1`. The
 * file is written while it is sent; when something breaks on the way the connection breaks too, so that half a file is never taken for a whole.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { fromUtf8 } from '#ledger/primitives/bytes.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { IDENTITY_REFUSALS } from '#server/identity/identity.ts';
import { MY_DATA_REFUSALS } from '#server/my-data/refusals.ts';
import { EXPORT_FORMAT, writeExport } from '#server/my-data/write-export.ts';
import { RefusalError } from '#server/refusal.ts';
import { proofInput, proofOf } from '#server/trpc/routers/proof.schema.ts';
import { readCookie } from './cookies.ts';
import type { TrpcOptions } from './trpc-handler.ts';

export const MY_DATA_EXPORT_PATH = '/api/my-data/export';
const BODY_LIMIT = 4_096;
/** Each export holds a connection and a snapshot. */
const RUNNING_LIMIT = 2;
/** A reader who takes nothing for so long has gone. */
const STALL_MS = 30_000;

export function myDataHandler({ services, limits }: Pick<TrpcOptions, 'services' | 'limits'>) {
  const running = new Set<string>();
  return async (req: IncomingMessage, res: ServerResponse): Promise<boolean> => {
    if (req.method !== 'POST') return false;
    const token = readCookie(req.headers.cookie, 'daoju_session');
    const session = token === null ? null : await services.identity.findPlayerSession(token);
    if (session === null) throw new RefusalError('unauthenticated', 'sign_in_required', 'Sign in first; what you entered is kept.');
    const { acct } = session.player;
    const waitSeconds = await limits.take('myData.export', { acct, address: req.socket.remoteAddress ?? '' });
    if (waitSeconds !== null) {
      throw new RefusalError('too_many', 'rate_limited', `That was too often. Try again in ${waitSeconds} s; nothing was done.`, {
        waitSeconds,
      });
    }
    const proof = proofOf(await readProof(req));
    const refused = await services.identity.confirm(acct, EXPORT_FORMAT, {}, proof);
    if (refused !== null) {
      const { kind, message } = IDENTITY_REFUSALS[refused.code];
      throw new RefusalError(kind, refused.code, message, refused.facts);
    }
    if (running.has(acct) || running.size >= RUNNING_LIMIT) {
      throw new RefusalError(MY_DATA_REFUSALS.export_busy.kind, 'export_busy', MY_DATA_REFUSALS.export_busy.message);
    }
    running.add(acct);
    try {
      const day = beijingDate(services.clock.now());
      res.writeHead(200, {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="daoju-my-data-${day}.zip"`,
        'cache-control': 'no-store',
      });
      res.setTimeout(STALL_MS, () => res.destroy());
      await writeExport(services, acct, (bytes) => send(res, bytes));
      res.end();
    } finally {
      running.delete(acct);
    }
    return true;
  };
}

async function readProof(req: IncomingMessage): Promise<z.infer<typeof proofInput>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of req) {
    if (!(part instanceof Uint8Array)) continue;
    size += part.length;
    if (size > BODY_LIMIT) throw new RefusalError('too_large', 'body_too_large', 'The request is too large; nothing was done.');
    parts.push(part);
  }
  const parsed = proofInput.safeParse(jsonOf(new Uint8Array(Buffer.concat(parts))));
  if (!parsed.success) throw new RefusalError('malformed', 'input_malformed', 'The request could not be read. Load the page again.');
  return parsed.data;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return null;
  }
}

/** Waits while the reader is behind. */
function send(res: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (res.destroyed) return Promise.reject(new Error('the reader of an export has gone'));
  if (res.write(bytes)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onDrain = () => {
      res.off('close', onClose);
      resolve();
    };
    const onClose = () => {
      res.off('drain', onDrain);
      reject(new Error('the reader of an export has gone'));
    };
    res.once('drain', onDrain);
    res.once('close', onClose);
  });
}
