/** The published vectors, read as a server reads a request. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { fromHex, utf8 } from '#ledger/primitives/bytes.ts';
import { contentDigestOf, parseSignature, parseSignatureInput, signatureBase } from './message-signature.ts';

type Case = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly contentDigest: string;
  readonly signatureInput: string;
  readonly base: string;
  readonly signature: string;
  readonly refusal: string | null;
};
const { publicKey, cases }: { readonly publicKey: string; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync('public/vectors/http-signature.json', 'utf8'),
);
const sm2 = openSslSm2();

function judge(request: Case): string | null {
  if (request.contentDigest !== contentDigestOf(utf8(request.body))) return 'digest_mismatch';
  const base = signatureBase(request, parseSignatureInput(request.signatureInput));
  return sm2.verify(fromHex(publicKey, 64), base, parseSignature(request.signature)) ? null : 'sig_invalid';
}

test.each(cases.map((each) => [each.name, each] as const))('vector: %s', (_, request) => {
  expect(judge(request)).toBe(request.refusal);
  if (request.refusal === null) {
    expect(new TextDecoder().decode(signatureBase(request, parseSignatureInput(request.signatureInput)))).toBe(request.base);
  }
});
