/** Fetches one's own data as a file (P-46): not by tRPC, which would hold all of it as one text. */

import type { Me } from '#server/trpc/views.ts';
import { browserClock } from './clock.ts';
import { askAgain } from './keys/ask-again.ts';
import { saveFile } from './save-file.ts';

class ExportRefused extends Error {
  readonly code: string;
  readonly traceId: string;
  constructor(code: string, message: string, traceId: string) {
    super(message);
    this.code = code;
    this.traceId = traceId;
  }
}

/** @throws {KeyError} `wrong_passphrase`; what the server refuses, with its code */
export async function exportMyData(me: Me, passphrase: string | null): Promise<void> {
  const proof = await askAgain(me, passphrase, 'daoju.my-data/1', {});
  const response = await fetch('/api/my-data/export', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(proof),
  }).catch(() => {
    throw new ExportRefused('offline', '', '');
  });
  if (!response.ok) throw await refusedBy(response);
  // A connection that breaks ends here: half a file is not saved.
  const bytes = await response.arrayBuffer().catch(() => {
    throw new ExportRefused('offline', '', response.headers.get('x-trace-id') ?? '');
  });
  const day = new Date(browserClock.nowMs()).toISOString().slice(0, 10);
  saveFile(`daoju-my-data-${day}.zip`, new Uint8Array(bytes), 'application/zip');
}

async function refusedBy(response: Response): Promise<ExportRefused> {
  const body: unknown = await response.json().catch(() => null);
  const facts = new Map(typeof body === 'object' && body !== null ? Object.entries(body) : []);
  const text = (name: string, missing: string) => String(facts.get(name) ?? missing);
  return new ExportRefused(text('code', 'unknown_failure'), text('message', ''), text('traceId', ''));
}
