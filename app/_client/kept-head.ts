/**
 * The checkpoint that this browser keeps beside its receipts, and holds each newer one against (`ledger.md` 14). Whoever serves the ledger is
 * untrusted: votes are verified here, and that the new log begins with the kept one is proven or an alarm. Loaded on demand.
 */
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, fromUtf8, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Checkpoint, parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import { decodeTrustBundle } from '#ledger/proof/receipt.ts';
import { compareHead, type HeadVerdict, parseConsistencyPath, verifyCheckpoint } from '#ledger/verify/kept-head.ts';
import { VerifyFailure } from '#ledger/verify/verdict.ts';
import { findRow, type LogAlarm, type LogAlarmCode, save } from './head-store.ts';
import { logHead } from './log-head.ts';

/** The ledger's files are where they lie; a test hands in others. */
export type ReadLedger = (path: string, post?: string) => Promise<Bytes | null>;

// Verifying draws no randomness.
const sm2 = portableSm2(() => {
  throw new Error('the ledger is only verified here');
});

/** What may pass by itself is told when it stands at a second look: files are replaced one after the other. */
let doubt: LogAlarmCode | null = null;

/** Once a page and then once a minute. Null: all is well, or nobody answers, which other parts of the page tell. */
export async function lookAtLog(read: ReadLedger = readLedger): Promise<LogAlarm | null> {
  const row = await findRow();
  // A contradiction does not go away because the market shows the first log again.
  if (row !== null && row.alarm !== null) return row.alarm;
  const text = await textOf(read);
  if (text === null) return null;
  const verdict = await judge(row?.kept ?? null, text, read);
  switch (verdict.kind) {
    case 'same':
    case 'grown':
      doubt = null;
      if (row?.kept !== text) await save({ id: 'head', kept: text, alarm: null });
      return null;
    case 'forked':
      return accuse({ code: 'forked', kept: row?.kept ?? '', served: text }, read);
    default: {
      const isSecond = doubt === verdict.kind || verdict.kind === 'other_chain';
      doubt = verdict.kind;
      return isSecond ? { code: verdict.kind, kept: row?.kept ?? '', served: text } : null;
    }
  }
}

/** The person says that another ledger stands here now, and that this one is to be kept. */
export async function keepOtherChain({ served }: LogAlarm): Promise<void> {
  await save({ id: 'head', kept: served, alarm: null });
}

async function judge(kept: string | null, served: string, read: ReadLedger): Promise<HeadVerdict | { readonly kind: 'unproven' }> {
  if (kept === served) {
    tell(parseCheckpoint(kept));
    return { kind: 'same' };
  }
  try {
    const checkpoint = parseCheckpoint(served);
    const trust = await read('trust');
    if (trust === null) return { kind: 'unproven' };
    verifyCheckpoint(checkpoint, decodeTrustBundle(trust), sm2);
    const verdict: HeadVerdict = kept === null ? { kind: 'grown' } : await compareHead(parseCheckpoint(kept), checkpoint, proofFrom(read));
    if (verdict.kind === 'grown') tell(checkpoint);
    return verdict;
  } catch (error) {
    if (error instanceof VerifyFailure || error instanceof ParseError) return { kind: 'unproven' };
    throw error;
  }
}

const tell = ({ logSize, logRoot }: Checkpoint): void => logHead.saw(logSize, toHex(logRoot));

const proofFrom = (read: ReadLedger) => async (older: bigint, newer: bigint) => {
  const path = await read(`consistency/${older}/${newer}`);
  return path === null ? null : parseConsistencyPath(path);
};

/** Kept for good, and shown to the market: its members halt when the votes of both hold. */
async function accuse(alarm: LogAlarm, read: ReadLedger): Promise<LogAlarm> {
  await save({ id: 'head', kept: alarm.kept, alarm });
  await read('checkpoint', alarm.kept).catch(() => null);
  return alarm;
}

async function textOf(read: ReadLedger): Promise<string | null> {
  const bytes = await read('checkpoint').catch(() => null);
  return bytes === null ? null : fromUtf8(bytes);
}

async function readLedger(path: string, post?: string): Promise<Bytes | null> {
  const response = await fetch(`/ledger/v1/${path}`, post === undefined ? {} : { method: 'POST', body: post });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the ledger answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
