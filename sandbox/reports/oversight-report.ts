/** Two reports about supervision itself (product V-24): what surveillance found in a quarter and what became of it, and who entered, whose
 *  identities were opened and how often they were read. Counts of facts that only ever grow; no person is named in either. */
import type { Texts } from '../packs/rule-pack.ts';
import { DETECTORS } from '../surveillance/detectors.ts';
import type { Period } from './period.ts';

type Counted<Key extends string> = Readonly<Record<Key, string>> & { readonly count: number };
/** First and last number of the feed that was counted; null in a silent period. */
export type FeedSpan = { readonly room: string; readonly first: number | null; readonly last: number | null; readonly count: number };

export type AlertCount = {
  readonly detector: string;
  /** Whose first fact is of the period. */
  readonly raised: number;
  /** Steps that people took in the period. */
  readonly triaged: number;
  readonly toCase: number;
  readonly dismissed: number;
  /** Raised before the end and not looked at by then. */
  readonly waiting: number;
};
export type SurveillanceFacts = {
  readonly trades: number;
  readonly alerts: readonly AlertCount[];
  readonly labels: readonly Counted<'label'>[];
  readonly casesOpened: readonly Counted<'topic'>[];
  readonly casesClosed: readonly Counted<'outcome'>[];
  readonly casesOpenAtEnd: number;
  readonly freezesSet: readonly Counted<'scope'>[];
  readonly freezesEnded: readonly Counted<'as'>[];
  readonly haltsSet: readonly Counted<'scope'>[];
};

export function surveillanceSummary(period: Pick<Period, 'label'>, facts: SurveillanceFacts, feed: FeedSpan) {
  const rows = DETECTORS.map(({ id, title }) => {
    const counted = facts.alerts.find(({ detector }) => detector === id);
    const { raised = 0, triaged = 0, toCase = 0, dismissed = 0, waiting = 0 } = counted ?? {};
    return {
      detector: id,
      title: textsOf(title),
      raised,
      triaged,
      toCase,
      dismissed,
      waiting,
      precision: shareOf(toCase, toCase + dismissed),
    };
  });
  const sum = (key: 'raised' | 'triaged' | 'toCase' | 'dismissed' | 'waiting') => rows.reduce((total, row) => total + row[key], 0);
  const totals = {
    trades: facts.trades,
    raised: sum('raised'),
    triaged: sum('triaged'),
    toCase: sum('toCase'),
    dismissed: sum('dismissed'),
    waiting: sum('waiting'),
    precision: shareOf(sum('toCase'), sum('toCase') + sum('dismissed')),
  };
  const { labels, casesOpened, casesClosed, casesOpenAtEnd, freezesSet, freezesEnded, haltsSet } = facts;
  return {
    schema: 'daoju.surveillance-summary/1',
    period: period.label,
    feed: { ...feed },
    totals,
    detectors: rows,
    labels: labels.map((row) => ({ ...row })),
    cases: {
      opened: casesOpened.map((row) => ({ ...row })),
      closed: casesClosed.map((row) => ({ ...row })),
      openAtEnd: casesOpenAtEnd,
    },
    freezes: { set: freezesSet.map((row) => ({ ...row })), ended: freezesEnded.map((row) => ({ ...row })) },
    halts: { set: haltsSet.map((row) => ({ ...row })) },
  };
}
export type SurveillanceSummary = ReturnType<typeof surveillanceSummary>;

export type OpeningFact = {
  readonly openingId: string;
  readonly caseId: string;
  readonly topic: string;
  readonly legalGround: string;
  readonly scope: readonly string[];
  readonly askedRole: string;
  readonly askedAt: string;
  readonly approvedRole: string | null;
  readonly approvedAt: string | null;
  /** Of the entry on the ledger, which names the account. */
  readonly txId: string | null;
  /** In the period. */
  readonly reads: number;
  readonly told: boolean;
};
export type AccessFacts = {
  readonly acts: readonly { readonly role: string; readonly act: string; readonly count: number }[];
  /** Asked for, approved, read or told of in the period. */
  readonly openings: readonly OpeningFact[];
  readonly sealings: number;
};

export function accessSummary(period: Pick<Period, 'label' | 'from' | 'before'>, facts: AccessFacts, feed: FeedSpan) {
  const within = (at: string | null) => at !== null && Date.parse(at) >= period.from && Date.parse(at) < period.before;
  const { acts, openings, sealings } = facts;
  const opened = openings.filter(({ approvedAt }) => within(approvedAt));
  const roles = [...new Set(openings.map(({ askedRole }) => askedRole))].sort();
  return {
    schema: 'daoju.access-summary/2',
    period: period.label,
    feed: { ...feed },
    acts: acts.map((row) => ({ ...row })),
    totals: {
      entries: acts.reduce((sum, { count }) => sum + count, 0),
      asked: openings.filter(({ askedAt }) => within(askedAt)).length,
      opened: opened.length,
      reads: openings.reduce((sum, { reads }) => sum + reads, 0),
      told: openings.filter(({ told }) => told).length,
      sealings,
    },
    byRole: roles.map((role) => ({
      role,
      asked: openings.filter(({ askedRole, askedAt }) => askedRole === role && within(askedAt)).length,
      opened: opened.filter(({ askedRole }) => askedRole === role).length,
      reads: openings.reduce((sum, { askedRole, reads }) => sum + (askedRole === role ? reads : 0), 0),
    })),
    openings: openings.map(({ scope, ...opening }) => ({ ...opening, scope: [...scope] })),
  };
}
export type AccessSummary = ReturnType<typeof accessSummary>;

const textsOf = ({ zh, en }: Texts) => ({ zh, en });

const TENTHS = 1_000n;
/** `87.5` percent of what was decided; null where nothing was. */
function shareOf(part: number, whole: number): string | null {
  if (whole === 0) return null;
  const tenths = (BigInt(part) * TENTHS * 2n + BigInt(whole)) / (2n * BigInt(whole));
  return `${tenths / 10n}.${tenths % 10n}`;
}
