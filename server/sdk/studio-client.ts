/**
 * Studio SDK: signs writes, repeats them safely by `reference_id`, reads with a key. Runs in Node and in the browser.
 *
 *     const studio = createStudioClient({ base, keyId, privateKey, readKey, sm2, now, random });
 *     const answer = await studio.write('POST', '/api/v1/mints', {
 *       reference_id: 'spring-2026/1', game_id, rows: [{ class_ref: 'sword', to: account }],
 *     }, { prefer: 'wait=10' });
 *     if (answer.status !== 201) throw new Error(`refused, trace ${answer.traceId}`);
 *     for await (const row of studio.list('/api/v1/items')) keep(row);
 */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { contentDigestOf, formatSignature, formatSignatureInput, signatureBase } from './message-signature.ts';

export type StudioClientOptions = {
  /** Origin of the server, `http://127.0.0.1:3000`. */
  readonly base: string;
  readonly keyId: string;
  readonly privateKey: Uint8Array;
  /** Bearer key for reads. */
  readonly readKey: string;
  readonly sm2: Sm2;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly fetch?: typeof fetch;
  /** How often a call is sent at most when the server breaks or does not answer; 1 never repeats. */
  readonly attempts?: number;
  /** Before the first repetition; each further one waits twice as long. */
  readonly retryMs?: number;
  readonly timeoutMs?: number;
};

export type Answer = { readonly status: number; readonly traceId: string; readonly body: unknown };

export type ArtUpload = {
  readonly referenceId: string;
  readonly bytes: Uint8Array;
  readonly contentType: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly dryRun?: boolean;
  /** PCE of the TxEnv in hex, when the studio keeps its issuing key. */
  readonly ledgerTx?: string;
};

export type StudioClient = {
  /** Signed write. The same `reference_id` and body may be sent again at any time: the first answer comes back with `replayed: true`. */
  write(
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Art of a kind: the bytes of a PNG, JPEG or WebP of at most 2 MiB. Safe to repeat like any other write. */
  putArt(classId: string, art: ArtUpload, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  read(path: string): Promise<Answer>;
  /** Every row of a list, page by page, all of one snapshot. @throws {Error} when a page is refused, with its trace id */
  list(path: string): AsyncGenerator<unknown, void, undefined>;
};

export function createStudioClient(options: StudioClientOptions): StudioClient {
  const send = options.fetch ?? fetch;
  const signedHeaders = (method: string, url: URL, body: Uint8Array): Record<string, string> => {
    const contentDigest = contentDigestOf(body);
    const parameters = { created: Math.floor(options.now() / 1000), nonce: toHex(options.random(16)), keyId: options.keyId };
    const base = signatureBase({ method, path: url.pathname, query: url.search, contentDigest }, parameters);
    return {
      'content-digest': contentDigest,
      'signature-input': formatSignatureInput(parameters),
      signature: formatSignature(options.sm2.sign(options.privateKey, base)),
    };
  };
  const request = async (
    method: string,
    url: URL,
    body: Uint8Array<ArrayBuffer> | null,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> => {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 60_000);
    const response = await send(url, { method, headers, signal, ...(body === null ? {} : { body }) });
    const text = await response.text();
    return {
      status: response.status,
      traceId: response.headers.get('x-trace-id') ?? '',
      body: text === '' ? null : (JSON.parse(text) as unknown),
    };
  };
  /** Sends anew, with a fresh signature each time: the server tells a repetition from a new write by its reference. */
  const persistently = async (once: () => Promise<Answer>, mayRepeat: boolean): Promise<Answer> => {
    const attempts = mayRepeat ? (options.attempts ?? 3) : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await once();
        if (answer.status < 500 || attempt >= attempts) return answer;
      } catch (error) {
        if (attempt >= attempts) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, (options.retryMs ?? 200) * 2 ** (attempt - 1)));
    }
  };
  const read = (path: string) =>
    persistently(() => request('GET', new URL(path, options.base), null, { authorization: `Bearer ${options.readKey}` }), true);
  return {
    write: (method, path, body, headers = {}) => {
      const url = new URL(path, options.base);
      const bytes = utf8(JSON.stringify(body));
      const hasReference = typeof body === 'object' && body !== null && 'reference_id' in body;
      return persistently(
        () => request(method, url, bytes, { ...headers, 'content-type': 'application/json', ...signedHeaders(method, url, bytes) }),
        hasReference,
      );
    },
    putArt: (classId, { referenceId, bytes, contentType, dryRun = false, ledgerTx }, headers = {}) => {
      const url = new URL(`/api/v1/item-classes/${encodeURIComponent(classId)}/art`, options.base);
      url.searchParams.set('reference_id', referenceId);
      if (dryRun) url.searchParams.set('dry_run', 'true');
      if (ledgerTx !== undefined) url.searchParams.set('ledger_tx', ledgerTx);
      const body = new Uint8Array(bytes);
      return persistently(
        () => request('PUT', url, body, { ...headers, 'content-type': contentType, ...signedHeaders('PUT', url, body) }),
        true,
      );
    },
    read,
    list: async function* (path) {
      for (let cursor: string | null = ''; cursor !== null; ) {
        const url = new URL(path, options.base);
        if (!url.searchParams.has('limit')) url.searchParams.set('limit', '200');
        if (cursor !== '') url.searchParams.set('cursor', cursor);
        const { status, body, traceId } = await read(url.pathname + url.search);
        if (status !== 200 || typeof body !== 'object' || body === null || !('rows' in body) || !Array.isArray(body.rows))
          throw new Error(`the list ${path} was refused with ${status}; trace ${traceId}`);
        yield* body.rows;
        cursor = 'next_cursor' in body && typeof body.next_cursor === 'string' ? body.next_cursor : null;
      }
    },
  };
}
