/**
 * What of a player's room stands in the inbox (product P-40): every notice, and of the messages that only say *look again* those that bring
 * news. Pure; the one table of codes that pages, queries and tests read.
 */
import type { JsonObject } from '#server/outbox/message.ts';
import type { NoticeCode } from '#server/outbox/notices.ts';

export const NOTICE_FAMILIES = ['trade', 'claim', 'case', 'money', 'experiment', 'tax', 'watch'] as const;
export type NoticeFamily = (typeof NOTICE_FAMILIES)[number];

/** What a person may switch off; what is of law or of safety is always on. */
export const MUTABLE_FAMILIES = ['trade', 'money', 'experiment', 'watch'] as const satisfies readonly NoticeFamily[];
export type MutableFamily = (typeof MUTABLE_FAMILIES)[number];

const NOTICES = {
  price_reached: 'watch',
  payout_held: 'money',
  guarantee_paid: 'money',
  experiment_compensated: 'experiment',
  reserve_kept: 'money',
  reserve_freed: 'money',
  complaint_answered: 'case',
  filing_confirmed: 'tax',
  filing_refused: 'tax',
  registration_due: 'tax',
  business_hint: 'tax',
  claim_opened: 'claim',
  claim_answered: 'claim',
  claim_answer_missed: 'claim',
  claim_decided: 'claim',
  claim_desk_silent: 'claim',
  claim_appealed: 'claim',
  claim_withdrawn: 'claim',
  claim_final: 'claim',
  claim_stands: 'claim',
  claim_reviewed: 'claim',
  claim_lapsed: 'claim',
  claims_barred: 'claim',
  takeover_declared: 'claim',
  objection_opened: 'claim',
  objection_upheld: 'claim',
  objection_refused: 'claim',
  objection_false: 'claim',
  objection_lapsed: 'claim',
  appeal_received: 'case',
  appeal_answered: 'case',
  cool_down_set: 'case',
  cool_down_lifted: 'case',
  information_asked: 'case',
  information_extended: 'case',
  identity_opened: 'case',
  identity_check_due: 'case',
  identity_check_overdue: 'case',
  item_returned: 'case',
  item_judged: 'case',
  evidence_countersigned: 'case',
  evidence_declined: 'case',
} as const satisfies Record<NoticeCode, NoticeFamily>;

type Move = { readonly family: NoticeFamily; readonly type: string; readonly to: string };
const MOVES = {
  trade_settled: { family: 'trade', type: 'trade.updated', to: 'settled' },
  trade_failed: { family: 'trade', type: 'trade.updated', to: 'failed' },
  trade_reversed: { family: 'trade', type: 'trade.updated', to: 'reversed' },
  trade_paid_out: { family: 'money', type: 'trade.updated', to: 'paid_out' },
  gift_open: { family: 'trade', type: 'gift.updated', to: 'open' },
  gift_given: { family: 'trade', type: 'gift.updated', to: 'given' },
  gift_declined: { family: 'trade', type: 'gift.updated', to: 'declined' },
  gift_withdrawn: { family: 'trade', type: 'gift.updated', to: 'withdrawn' },
  gift_expired: { family: 'trade', type: 'gift.updated', to: 'expired' },
  gift_failed: { family: 'trade', type: 'gift.updated', to: 'failed' },
  offer_open: { family: 'trade', type: 'offer.updated', to: 'open' },
  offer_accepted: { family: 'trade', type: 'offer.updated', to: 'accepted' },
  offer_withdrawn: { family: 'trade', type: 'offer.updated', to: 'withdrawn' },
  offer_expired: { family: 'trade', type: 'offer.updated', to: 'expired' },
  offer_ended: { family: 'trade', type: 'offer.updated', to: 'ended' },
  freeze_set: { family: 'case', type: 'freeze.set', to: '' },
  freeze_lifted: { family: 'case', type: 'freeze.lifted', to: '' },
} as const satisfies Record<string, Move>;

export type InboxCode = keyof typeof NOTICES | keyof typeof MOVES;

/** `key` as `keyOf` makes it of a message. */
type Source = { readonly code: InboxCode; readonly family: NoticeFamily; readonly type: string; readonly key: string };

const isNoticeCode = (code: string): code is keyof typeof NOTICES => Object.hasOwn(NOTICES, code);
const isMoveCode = (code: string): code is keyof typeof MOVES => Object.hasOwn(MOVES, code);

export const INBOX_SOURCES: readonly Source[] = [
  ...Object.keys(NOTICES)
    .filter(isNoticeCode)
    .map((code) => ({ code, family: NOTICES[code], type: 'notice', key: `notice ${code}` })),
  ...Object.keys(MOVES)
    .filter(isMoveCode)
    .map((code) => ({ code, family: MOVES[code].family, type: MOVES[code].type, key: `${MOVES[code].type} ${MOVES[code].to}` })),
];
export const INBOX_TYPES: readonly string[] = [...new Set(INBOX_SOURCES.map(({ type }) => type))];

const BY_KEY = new Map(INBOX_SOURCES.map((source) => [source.key, source]));

/** The same as `inbox.repo.ts` asks of the database. */
function keyOf(type: string, body: JsonObject): string {
  return `${type} ${textOf(body.code) ?? textOf(body.to) ?? ''}`;
}

export type Notice = {
  readonly code: InboxCode;
  readonly family: NoticeFamily;
  readonly link: string;
  /** Trade, gift, offer, order, item or kind: its id says which. */
  readonly aboutId: string | null;
  readonly dueAt: string | null;
  readonly amountFen: string | null;
  readonly outcome: string | null;
};

/** @returns null for what the inbox does not show */
export function readNotice(type: string, body: JsonObject): Notice | null {
  const source = BY_KEY.get(keyOf(type, body));
  if (source === undefined) return null;
  const { code, family } = source;
  return {
    code,
    family,
    link: linkOf(type, code, body),
    aboutId: first(body, ['tradeId', 'id', 'itemId', 'classId', 'subjectId', 'targetId']),
    // When something would have ended is no date to keep once it was lifted.
    dueAt: code.endsWith('_lifted') ? null : first(body, ['dueAt', 'until']),
    amountFen: first(body, ['amountFen', 'priceFen', 'turnoverFen']),
    outcome: textOf(body.decision),
  };
}

function linkOf(type: string, code: InboxCode, body: JsonObject): string {
  const written = textOf(body.link);
  if (written !== null) return written;
  if (type === 'trade.updated') return `/trades/${textOf(body.id) ?? ''}`;
  if (type === 'gift.updated') return '/portfolio#gifts';
  if (type === 'offer.updated') return '/orders?tab=offers';
  if (type.startsWith('freeze.') && textOf(body.scope) === 'item') return `/i/${textOf(body.targetId) ?? ''}`;
  if (code === 'identity_opened') return '/access';
  if (code === 'claims_barred') return '/disputes';
  const subject = textOf(body.subjectId);
  if (subject !== null) return subject.startsWith('trd_') ? `/trades/${subject}` : '/orders';
  return '/portfolio';
}

function first(body: JsonObject, names: readonly string[]): string | null {
  for (const name of names) {
    const value = textOf(body[name]);
    if (value !== null) return value;
  }
  return null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
