/** Vectors of the studio API's message signatures (product T-11), published beside its reference: requests with their digest, signature base
 *  and signature, and what a server must refuse. The key is a test's and signs nothing else. */
import { portableSm2, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { contentDigestOf, formatSignature, formatSignatureInput, signatureBase } from '#server/sdk/message-signature.ts';

const KEY_ID = 'vector-key';
const CREATED = 1_790_000_000;

type Request = { readonly name: string; readonly method: string; readonly path: string; readonly query: string; readonly body: string };

const REQUESTS: readonly Request[] = [
  {
    name: 'a write without a query',
    method: 'POST',
    path: '/api/v1/mints',
    query: '',
    body: '{"reference_id":"spring-2026/1","game_id":"game_1","rows":[{"class_ref":"sword","to":"00"}]}',
  },
  { name: 'a query', method: 'PUT', path: '/api/v1/item-classes/cls_1/art', query: '?reference_id=art-1&dry_run=true', body: 'picture' },
  { name: 'an empty body', method: 'POST', path: '/api/v1/games/game_1/heartbeat', query: '', body: '' },
  { name: 'text beyond ASCII', method: 'PATCH', path: '/api/v1/games/game_1', query: '', body: '{"name":{"zh":"剑与道具"}}' },
];

export function httpSignatureVectors(random: (length: number) => Bytes): unknown {
  const sm2 = portableSm2(random);
  const privateKey = sm3(utf8('daoju.http-signature-vectors'));
  const sound = REQUESTS.map((request, index) => {
    const parameters = { created: CREATED + index, nonce: `vector-nonce-${index}`, keyId: KEY_ID };
    const contentDigest = contentDigestOf(utf8(request.body));
    const base = signatureBase({ ...request, contentDigest }, parameters);
    const signature = formatSignature(sm2.sign(privateKey, base));
    return {
      ...request,
      contentDigest,
      signatureInput: formatSignatureInput(parameters),
      base: new TextDecoder().decode(base),
      signature,
      refusal: null,
    };
  });
  const [first, second] = sound;
  const wrong = [
    { ...first, name: 'another body than the digest’s', body: `${first?.body} `, refusal: 'digest_mismatch' },
    { ...first, name: 'another path than the one signed', path: '/api/v1/imports', refusal: 'sig_invalid' },
    { ...first, name: 'another method than the one signed', method: 'PATCH', refusal: 'sig_invalid' },
    { ...second, name: 'another query than the one signed', query: '?reference_id=art-2&dry_run=true', refusal: 'sig_invalid' },
    { ...first, name: 'the signature of another request', signature: second?.signature, refusal: 'sig_invalid' },
  ];
  return {
    format: 'daoju.http-signature-vectors/1',
    keyId: KEY_ID,
    privateKey: toHex(privateKey),
    publicKey: toHex(publicKeyOf(privateKey)),
    cases: [...sound, ...wrong],
  };
}
