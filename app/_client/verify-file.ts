/** A receipt or passport fetched and verified here: the server supplies bytes, never the verdict (P-13, P-43). */
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, fromBase64, fromHex } from '#ledger/primitives/bytes.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';

// Verifying draws no randomness.
const sm2 = portableSm2(() => {
  throw new Error('a verifier signs nothing');
});

export type FileVerdict = {
  readonly bytes: Bytes;
  readonly isProven: boolean;
  readonly code: string;
  readonly sentence: { readonly zh: string; readonly en: string };
};

export function verifyFile(base64: string, chain: string): FileVerdict {
  const bytes = fromBase64(base64);
  const verdict = verifyReceipt(bytes, { chain: fromHex(chain, 32), sm2 });
  const failed = verdict.steps.find((step) => !step.ok);
  return { bytes, isProven: verdict.outcome === 'proven', code: failed?.code ?? verdict.outcome, sentence: verdict.sentences };
}
