/** An evidence package verified here, before somebody signs for it: the server supplies bytes, never the verdict (P-44). */
import { unzipPackage } from '#ledger/bin/unzip.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type EvidenceVerdict, evidenceStepWords } from '#ledger/evidence/evidence-verdict.ts';
import { verifyEvidence } from '#ledger/evidence/verify-evidence.ts';
import { fromBase64, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';

// Verifying draws no randomness.
const sm2 = portableSm2(() => {
  throw new Error('a verifier signs nothing');
});

export type PackageVerdict = {
  readonly isProven: boolean;
  /** Of the bytes that were looked at. */
  readonly sm3: string;
  readonly sentences: EvidenceVerdict['sentences'];
  readonly steps: readonly { readonly step: number; readonly ok: boolean; readonly zh: string; readonly en: string }[];
  readonly files: readonly { readonly name: string; readonly size: number; readonly text: string | null }[];
};

const TEXT_FILE = /\.(?:txt|json|pem)$/;

/** @throws {ParseError} when the zip cannot be read */
export function verifyPackage(base64: string, chain: string, now: number): PackageVerdict {
  const zip = fromBase64(base64);
  const files = unzipPackage(zip);
  const verdict = verifyEvidence(files, { chain: fromHex(chain, 32), sm2, now: instant(now) });
  return {
    isProven: verdict.outcome === 'proven',
    sm3: toHex(sm3(zip)),
    sentences: verdict.sentences,
    steps: verdict.steps.map((each) => ({ step: each.step, ok: each.ok, ...evidenceStepWords(each) })),
    files: [...files].map(([name, bytes]) => ({
      name,
      size: bytes.length,
      text: TEXT_FILE.test(name) ? new TextDecoder().decode(bytes) : null,
    })),
  };
}
