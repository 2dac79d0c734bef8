/** Studio SDK: signs writes, repeats them safely by `reference_id`, reads with a key. Runs in Node and in the browser. */
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
};

export type Answer = { readonly status: number; readonly traceId: string; readonly body: unknown };

export type StudioClient = {
  /** Signed write. The same `reference_id` and body may be sent again at any time: the first answer comes back with `replayed: true`. */
  write(
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  read(path: string): Promise<Answer>;
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
    const response = await send(url, { method, headers, ...(body === null ? {} : { body }) });
    const text = await response.text();
    return {
      status: response.status,
      traceId: response.headers.get('x-trace-id') ?? '',
      body: text === '' ? null : (JSON.parse(text) as unknown),
    };
  };
  return {
    write: (method, path, body, headers = {}) => {
      const url = new URL(path, options.base);
      const bytes = utf8(JSON.stringify(body));
      return request(method, url, bytes, { ...headers, 'content-type': 'application/json', ...signedHeaders(method, url, bytes) });
    },
    read: (path) => request('GET', new URL(path, options.base), null, { authorization: `Bearer ${options.readKey}` }),
  };
}
