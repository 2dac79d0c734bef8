/** The inbox of a player (product P-40). */
import type { InboxCode, NoticeFamily } from '#server/inbox/read-notice.ts';
import type { FenText, IsoText, Names } from './words.ts';

export type { InboxCode, NoticeFamily } from '#server/inbox/read-notice.ts';

/** On which side of it the reader stands. */
export type InboxSide = 'seller' | 'buyer' | 'giver' | 'recipient' | 'holder';

export type InboxEntry = {
  readonly seq: number;
  readonly at: IsoText;
  readonly code: InboxCode;
  readonly family: NoticeFamily;
  /** The page of what it is about. */
  readonly link: string;
  /** Of the kind of item that it is about. */
  readonly names: Names | null;
  readonly side: InboxSide | null;
  readonly dueAt: IsoText | null;
  readonly amountFen: FenText | null;
  /** How it ended, where the code leaves that open. */
  readonly outcome: string | null;
  readonly isRead: boolean;
};

export type InboxPage = {
  readonly entries: readonly InboxEntry[];
  /** Number below which the next page begins; null at the end. */
  readonly next: number | null;
  /** The newest number of the room: what *mark all* may mark. */
  readonly headSeq: number;
  readonly muted: readonly NoticeFamily[];
};

/** `isMore`: there are more than counted. */
export type InboxUnread = { readonly count: number; readonly isMore: boolean };
