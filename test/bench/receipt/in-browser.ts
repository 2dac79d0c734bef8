/** The verifier as the saved page has it, timed inside the browser: milliseconds of each run. */
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';

export function timeVerification(file: string, chain: string, runs: number): readonly number[] {
  const sm2 = portableSm2((length) => crypto.getRandomValues(new Uint8Array(length)));
  const bytes = fromHex(file);
  return Array.from({ length: runs }, () => {
    const begun = performance.now();
    const { outcome } = verifyReceipt(bytes, { chain: fromHex(chain, 32), sm2 });
    if (outcome !== 'proven') throw new Error(`the receipt of the bench is ${outcome}`);
    return performance.now() - begun;
  });
}

Object.assign(globalThis, { timeVerification });
