/** `npm run vectors`: writes every generated vector file; a difference to what is committed is a change of bytes. */
import { writeFileSync } from 'node:fs';
import { ledgerVectors } from './ledger-vectors.ts';

for (const [name, content] of Object.entries(ledgerVectors())) {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(content, null, 1)}\n`);
}
