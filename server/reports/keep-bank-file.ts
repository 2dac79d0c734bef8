/** A bank's statement that a person hands in: unpacked, held against our journal, and kept with who and when, in one transaction. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { CamtRefused } from '#sandbox/reports/camt-values.ts';
import type { Sql } from '#server/db.ts';
import { insertStatements } from './bank-statements.repo.ts';
import { type BankComparison, compareBankFile } from './compare-bank-file.ts';

/** What one request may cost the market's one thread: about half a second. Larger files go by the command. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Of a statement's differences. */
export const MOST_LISTED = 1_000;
const unzip = promisify(gunzip);

export type HandedIn = { readonly staffId: string; readonly role: string; readonly fileName: string; readonly zipped: Uint8Array };

/** @throws {CamtRefused} and keeps nothing */
export async function keepBankFile(sql: Sql, now: Instant, handed: HandedIn): Promise<readonly BankComparison[]> {
  const bytes = await unpack(handed.zipped);
  return sql.begin('isolation level repeatable read', async (tx) => {
    const compared = await compareBankFile(tx, bytes, now, MOST_BYTES);
    const { staffId, role: staffRole, fileName } = handed;
    const fileSm3 = sm3(bytes);
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
        },
        differences: differences.length,
        listed: differences.slice(0, MOST_LISTED),
      })),
    );
    return compared;
  });
}

/** A small file that grows without end stops at the limit. */
async function unpack(zipped: Uint8Array): Promise<Uint8Array> {
  try {
    return await unzip(zipped, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    throw new CamtRefused(isTooLarge ? 'xml_too_large' : 'xml_not_well_formed', 1);
  }
}
