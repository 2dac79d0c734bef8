/**
 * `/media/{sm3}`: pictures that studios uploaded, by the SM3 of their bytes. What an address names never changes, so it may be kept for
 * ever. The type is what the bytes were found to be; the headers of every answer forbid to guess another, and this policy lets a picture
 * that is opened by itself load and run nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ArtFile } from '#server/studio/art-format.ts';

export const MEDIA_PREFIX = '/media/';
const POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Answers true when the request was for a picture that there is. */
export function mediaHandler(
  find: (sm3: string) => Promise<ArtFile | null>,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  return async (req, res) => {
    const sm3 = (req.url ?? '').split('?', 1)[0]?.slice(MEDIA_PREFIX.length) ?? '';
    if ((req.method !== 'GET' && req.method !== 'HEAD') || !/^[0-9a-f]{64}$/.test(sm3)) return false;
    const file = await find(sm3);
    if (file === null) return false;
    const tag = `"${sm3}"`;
    res.setHeader('content-security-policy', POLICY);
    res.setHeader('cache-control', 'public, max-age=31536000, immutable');
    res.setHeader('etag', tag);
    if (req.headers['if-none-match'] === tag) {
      res.writeHead(304).end();
      return true;
    }
    res.writeHead(200, { 'content-type': file.type, 'content-length': file.bytes.length, 'content-disposition': 'inline' });
    res.end(req.method === 'HEAD' ? undefined : file.bytes);
    return true;
  };
}
