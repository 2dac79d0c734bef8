/** The passphrase again: a fresh signature over a challenge and over what is asked for (product P-06, 1.5). */
import { z } from 'zod';
import { fromHex } from '#ledger/primitives/bytes.ts';
import type { FreshSignature } from '#server/identity/identity.ts';
import { signatureInput } from './case.ts';

export const proofInput = z.strictObject({ challenge: z.string().max(64), issuedAt: z.string().max(30), signature: signatureInput });

export const proofOf = ({ challenge, issuedAt, signature }: z.infer<typeof proofInput>): FreshSignature => ({
  challenge,
  issuedAt,
  signature: fromHex(signature, 64),
});
