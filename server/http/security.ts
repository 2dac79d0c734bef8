/** Headers that every answer carries, and the rule that a page of another origin writes nothing. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The pages' own policy, with its nonce, is set by `proxy.ts`; an answer that is no page loads nothing at all. */
const HEADERS: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
];
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function setSecurityHeaders(res: ServerResponse, isPage: boolean): void {
  for (const [name, value] of HEADERS) res.setHeader(name, value);
  if (!isPage) res.setHeader('content-security-policy', API_POLICY);
}

/** Browsers name the origin of every write; programs without a browser name none and have no cookie that could be borrowed. */
export function isForeignWrite(req: IncomingMessage, publicOrigin: string | null): boolean {
  if (req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS') return false;
  const site = req.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  return req.headers.origin !== undefined && !isOwnOrigin(req.headers.origin, req.headers.host, publicOrigin);
}

export function isOwnOrigin(origin: string, host: string | undefined, publicOrigin: string | null): boolean {
  if (publicOrigin !== null) return origin === publicOrigin;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
