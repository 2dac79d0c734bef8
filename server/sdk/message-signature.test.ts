import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { fromHex, fromUtf8, utf8 } from '#ledger/primitives/bytes.ts';
import { contentDigestOf, parseSignature, parseSignatureInput, signatureBase } from './message-signature.ts';

type Vectors = {
  readonly publicKey: string;
  readonly cases: readonly {
    readonly name: string;
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly body: string;
    readonly headers: Readonly<Record<'content-digest' | 'signature-input' | 'signature', string>>;
    readonly base: string;
  }[];
};
const vectors: Vectors = JSON.parse(readFileSync(new URL('../../test/vectors/http-signatures.json', import.meta.url), 'utf8'));

test.each(vectors.cases)('published vector, $name: digest and signed text follow from the request, and OpenSSL verifies it', (vector) => {
  const { method, path, query, body, headers, base } = vector;
  const contentDigest = contentDigestOf(utf8(body));
  expect(contentDigest).toBe(headers['content-digest']);
  const signed = signatureBase({ method, path, query, contentDigest }, parseSignatureInput(headers['signature-input']));
  expect(fromUtf8(signed)).toBe(base);
  const verify = (text: string) => openSslSm2().verify(fromHex(vectors.publicKey, 64), utf8(text), parseSignature(headers.signature));
  expect(verify(base)).toBe(true);
  expect(verify(base.replace('"@method": ', '"@method":  '))).toBe(false);
});
