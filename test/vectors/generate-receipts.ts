/** Writes `receipts.json`, as `generate.ts` does the other vectors. */
import { writeFileSync } from 'node:fs';
import { receiptsText, receiptVectors } from './receipt-vectors.ts';

writeFileSync(new URL('receipts.json', import.meta.url), receiptsText(await receiptVectors()));
