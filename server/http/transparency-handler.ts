/** `/transparency.json`: the public page as data, for whoever reads it with a program. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transparency } from '#server/trpc/views.ts';

export const TRANSPARENCY_PATH = '/transparency.json';

export function transparencyHandler(read: () => Promise<Transparency>): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  return async (req, res) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return false;
    const body = JSON.stringify(await read());
    res.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=15',
      'access-control-allow-origin': '*',
    });
    res.end(req.method === 'HEAD' ? undefined : body);
    return true;
  };
}
