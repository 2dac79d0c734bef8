/** A bank's statement that a person hands in, in one file or in all its pages: unpacked, held against our journal, and kept with who and when, in one transaction. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { CamtRefused, type RefusalFacts } from '#sandbox/reports/camt-values.ts';
import type { Sql } from '#server/db.ts';
import { insertStatements } from './bank-statements.repo.ts';
import { type BankComparison, compareBankFiles } from './compare-bank-file.ts';

/** What one request may cost the market's one thread: about half a second. Larger files go by the command. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_NAME = 200;
/** Of a statement's differences. */
export const MOST_LISTED = 1_000;
const unzip = promisify(gunzip);

export type BankFile = { readonly fileName: string; readonly zipped: Uint8Array };
/** Several files: the pages of what they hold, in any order. */
export type HandedIn = { readonly staffId: string; readonly role: string; readonly files: readonly BankFile[] };

/** @throws {CamtRefused} and keeps nothing */
export async function keepBankFiles(
  sql: Sql,
  now: Instant,
  { staffId, role: staffRole, files }: HandedIn,
): Promise<readonly BankComparison[]> {
  const bytes: Uint8Array[] = [];
  let left = MOST_BYTES;
  for (const [at, { zipped }] of files.entries()) {
    const unpacked = await unpack(zipped, left, files.length === 1 ? {} : { file: String(at + 1) });
    bytes.push(unpacked);
    left -= unpacked.length;
  }
  const hashes = bytes.map((each) => sm3(each));
  const [only] = hashes;
  // Of one file its own; of several that of theirs, one after the other, each of which is kept too.
  const fileSm3 = hashes.length === 1 && only !== undefined ? only : sm3(concat(...hashes));
  const fileName = files
    .map((each) => each.fileName)
    .join(' + ')
    .slice(0, MOST_NAME);
  const pages =
    files.length === 1 ? {} : { files: files.map((each, at) => ({ name: each.fileName, sm3: toHex(hashes[at] ?? only ?? fileSm3) })) };
  return sql.begin('isolation level repeatable read', async (tx) => {
    const compared = await compareBankFiles(tx, bytes, now, MOST_BYTES);
    await insertStatements(
      tx,
      compared.map(({ statement, entries, booked, ours, differences }) => ({
        ...{ at: new Date(now), staffId, staffRole, fileName, fileSm3 },
        version: statement.version,
        statementId: statement.id,
        accountId: statement.accountId,
        from: new Date(statement.from),
        before: new Date(statement.before),
        figures: {
          ...{ entries, booked, ownEntries: ours.entries },
          theirs: { openingFen: String(statement.openingFen), closingFen: String(statement.closingFen) },
          ours: { openingFen: String(ours.openingFen), closingFen: String(ours.closingFen) },
          ...pages,
        },
        differences: differences.length,
        listed: differences.slice(0, MOST_LISTED),
      })),
    );
    return compared;
  });
}

/** A small file that grows without end stops at the limit. */
async function unpack(zipped: Uint8Array, most: number, facts: RefusalFacts): Promise<Uint8Array> {
  try {
    return await unzip(zipped, { maxOutputLength: Math.max(most, 1) });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    throw new CamtRefused(isTooLarge ? 'xml_too_large' : 'xml_not_well_formed', 1, facts);
  }
}
