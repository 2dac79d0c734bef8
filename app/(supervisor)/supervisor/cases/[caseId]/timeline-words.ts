/** What a line of a case's timeline says: codes become words, instants the reader's time, ids stay ids. Pure; a test walks over every code. */
import { FREEZE_REASONS, FREEZE_SCOPES } from '#sandbox/cases/case-order.ts';
import { HALT_SCOPES } from '#sandbox/cases/halt-order.ts';
import { OPENING_SCOPES } from '#sandbox/cases/opening.ts';
import { REFER_TO } from '#sandbox/cases/refer-order.ts';
import type { CaseAct } from '#server/trpc/views.ts';

const OFFICES = ['market', 'finance', 'tax'] as const;
const SOURCES = ['alert', 'claim', 'own_motion', 'list'] as const;
const OUTCOMES = ['no_breach', 'breach', 'referred', 'settled'] as const;
/** Of appeals, disputes, freezes and halts; why a dispute became a case; when a list named somebody. */
export const SAID = [
  ...(['granted', 'rejected', 'upheld', 'refused', 'reversed', 'withdrawn', 'lapsed'] as const),
  ...(['proposed', 'set', 'over', 'lifted', 'replaced'] as const),
  ...(['answered', 'more_time', 'objected', 'player', 'studio', 'operator'] as const),
  ...(['appeal', 'desk_silent', 'reversal', 'longer_hold'] as const),
  ...(['registration', 'card', 'enhanced', 'seller', 'withdrawal'] as const),
] as const;

export type TimelineWord =
  | `source.${(typeof SOURCES)[number]}`
  | `reasonCode.${(typeof FREEZE_REASONS)[number]}`
  | `scope.${(typeof FREEZE_SCOPES)[number]}`
  | `haltScope.${(typeof HALT_SCOPES)[number]}`
  | `field.${(typeof OPENING_SCOPES)[number]}`
  | `shareWith.${(typeof OFFICES)[number]}`
  | `outcome.${(typeof OUTCOMES)[number]}`
  | `referTo.${(typeof REFER_TO)[number]}`
  | `said.${(typeof SAID)[number]}`;
export type TimelineLine =
  | { readonly kind: 'words'; readonly words: readonly TimelineWord[] }
  | { readonly kind: 'until'; readonly at: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string };

/** Of the row itself, or shown in a panel of its own. */
const HIDDEN: readonly string[] = ['awardFen', 'freezeId', 'reportId', 'appealId', 'haltId', 'claimId', 'sourceId', 'inquiryId'];
const IDS: readonly string[] = ['targetId', 'subject', 'subjectId', 'txId', 'partyId', 'docHash'];

/** Null: nothing to say. A code that has no word is shown as it is: better than a line that is missing. */
export function timelineLine(act: CaseAct, key: string, value: string | null): TimelineLine | null {
  if (value === null || value === '' || HIDDEN.includes(key)) return null;
  if (key === 'until' || key === 'dueAt') return { kind: 'until', at: value };
  if (IDS.includes(key)) return { kind: 'id', id: value };
  const words = wordsOf(act, key, value);
  return words.length === 0 ? { kind: 'text', text: value } : { kind: 'words', words };
}

function wordsOf(act: CaseAct, key: string, value: string): readonly TimelineWord[] {
  switch (key) {
    case 'source':
      return named(SOURCES, value, (word) => `source.${word}`);
    case 'reasonCode':
      return named(FREEZE_REASONS, value, (word) => `reasonCode.${word}`);
    case 'audience':
      return named(OFFICES, value, (word) => `shareWith.${word}`);
    case 'authority':
      return named(REFER_TO, value, (word) => `referTo.${word}`);
    case 'scope':
      if (act === 'halt') return named(HALT_SCOPES, value, (word) => `haltScope.${word}`);
      if (act === 'opening_asked' || act === 'opening_approved') {
        return value.split(' ').flatMap((field) => named(OPENING_SCOPES, field, (word) => `field.${word}`));
      }
      return named(FREEZE_SCOPES, value, (word) => `scope.${word}`);
    case 'outcome': {
      const own = named(OUTCOMES, value, (word): TimelineWord => `outcome.${word}`);
      return own.length > 0 ? own : named(SAID, value, (word) => `said.${word}`);
    }
    case 'decision':
    case 'as':
    case 'why':
    case 'party':
    case 'reply':
    case 'occasion':
      return named(SAID, value, (word) => `said.${word}`);
    default:
      return [];
  }
}

function named<T extends string>(codes: readonly T[], value: string, word: (code: T) => TimelineWord): readonly TimelineWord[] {
  const code = codes.find((each) => each === value);
  return code === undefined ? [] : [word(code)];
}
