/** Tells the operator in time (O-10): 60, 30 and 7 days before a certificate in use ends, once each; the gauge and the health page say it all along. */
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { every, type Ticking } from '#server/every.ts';
import type { Log } from '#server/log.ts';
import { WARNING_DAYS, warningAt } from './certificate-views.ts';
import { type CertificateRow, insertWarning, listCertificates } from './pki.repo.ts';
import type { Pki } from './pki.ts';

const WATCH_EVERY_MS = 3_600_000;

export type Expiry = { readonly subject: string; readonly kind: string; readonly secondsLeft: number; readonly warning: number | null };
export interface CertificateWatch {
  /** One look now. @returns what was said for the first time: subject and threshold */
  turn(): Promise<readonly { readonly subject: string; readonly days: number }[]>;
  /** Of what is in use, as of the last look; the soonest first. */
  expiries(): readonly Expiry[];
  start(): void;
  stop(): Promise<void>;
}

type WatchGround = { readonly sql: Sql; readonly clock: Clock; readonly log: Log; readonly pki: Pki };

export function watchCertificates({ sql, clock, log, pki }: WatchGround): CertificateWatch {
  let rows: readonly CertificateRow[] = [];
  let ticking: Ticking | null = null;
  let turning: Promise<unknown> = Promise.resolve();

  const turn: CertificateWatch['turn'] = async () => {
    await pki.ready();
    const now = clock.now();
    rows = successors(await listCertificates(sql));
    const said: { subject: string; days: number }[] = [];
    for (const { sm3, subject, notAfter, kind } of rows) {
      const days = warningAt(notAfter, now);
      if (days === null || !(await insertWarning(sql, sm3, days, now))) continue;
      said.push({ subject, days });
      const facts = { subject, kind, until: new Date(notAfter).toISOString() };
      if (days === 0) log.error(facts, 'a certificate has expired; import its successor: npm run cli -- ca import');
      else
        log.warn(
          { ...facts, days },
          `a certificate ends in ${WARNING_DAYS.find((each) => each === days)} days or less; import its successor`,
        );
    }
    return said;
  };
  const turnSafely = async (): Promise<void> => {
    try {
      await turn();
    } catch (error) {
      log.error({ error }, "couldn't look at the certificates; the next turn tries again");
    }
  };
  return {
    turn,
    expiries: () => {
      const now = clock.now();
      return rows
        .map(({ subject, kind, notAfter }) => ({
          subject,
          kind,
          secondsLeft: Math.floor((notAfter - now) / 1000),
          warning: warningAt(notAfter, now),
        }))
        .sort((a, b) => a.secondsLeft - b.secondsLeft);
    },
    start: () => {
      turning = turnSafely();
      ticking = every(WATCH_EVERY_MS, () => {
        turning = turning.then(turnSafely);
        return turning;
      });
    },
    stop: async () => {
      ticking?.stop();
      await turning;
    },
  };
}

/** Per subject, kind and purpose the one that lasts longest: whoever has a successor needs no warning. */
function successors(rows: readonly CertificateRow[]): readonly CertificateRow[] {
  const newest = new Map<string, CertificateRow>();
  for (const row of rows) {
    if (row.retiredAt !== null) continue;
    const key = `${row.purpose}\n${row.subject}\n${row.kind}`;
    const known = newest.get(key);
    if (known === undefined || row.notAfter > known.notAfter) newest.set(key, row);
  }
  return [...newest.values()];
}
