/** The inbox of a player (product P-40): read from the player's room, with the names of what each notice is about. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Sql } from '#server/db.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { listCatalogueNames } from '#server/market/names.repo.ts';
import type { InboxEntry, InboxPage, InboxUnread, NoticeFamily } from '#server/trpc/views.ts';
import { countUnread, findInbox, type InboxRow, listInbox, listSubjects, type Subject } from './inbox.repo.ts';
import { INBOX_SOURCES, MUTABLE_FAMILIES, type Notice, readNotice } from './read-notice.ts';

const PAGE = 50;
/** What the top bar shows at most. */
const MOST_COUNTED = 99;

export type InboxWish = { readonly family: NoticeFamily | null; readonly before: number | null; readonly isUnreadOnly: boolean };

/** What is switched off is listed only when it is asked for by name. */
export async function readInbox(sql: Queryable, acct: AccountId, { family, before, isUnreadOnly }: InboxWish): Promise<InboxPage> {
  const { headSeq, muted } = await findInbox(sql, acct);
  const keys = keysOf((each) => (family === null ? !muted.includes(each) : each === family));
  const rows = await listInbox(sql, acct, { keys, before, limit: PAGE + 1, isUnreadOnly });
  const shown = rows.slice(0, PAGE).flatMap((row) => {
    const notice = readNotice(row.type, row.body);
    return notice === null ? [] : [{ row, notice }];
  });
  const ids = [...new Set(shown.flatMap(({ notice }) => (notice.aboutId === null ? [] : [notice.aboutId])))];
  const subjects = await listSubjects(sql, acct, ids);
  const names = await listCatalogueNames(sql, [...new Set([...subjects.values()].map(({ classId }) => classId))]);
  const entries = shown.map(({ row, notice }) => {
    const subject = notice.aboutId === null ? undefined : subjects.get(notice.aboutId);
    return entryOf(row, notice, subject, subject === undefined ? null : (names.get(subject.classId) ?? null));
  });
  return {
    entries,
    next: rows.length > PAGE ? (rows[PAGE - 1]?.seq ?? null) : null,
    headSeq,
    muted: MUTABLE_FAMILIES.filter((each) => muted.includes(each)),
  };
}

function entryOf(row: InboxRow, notice: Notice, subject: Subject | undefined, names: InboxEntry['names']): InboxEntry {
  const { code, family, link, dueAt, amountFen, outcome } = notice;
  const { seq, at, isRead } = row;
  return { seq, at, code, family, link, names, side: subject?.side ?? null, dueAt, amountFen, outcome, isRead };
}

export async function readUnread(sql: Sql, acct: AccountId): Promise<InboxUnread> {
  const { muted } = await findInbox(sql, acct);
  const found = await countUnread(
    sql,
    acct,
    keysOf((each) => !muted.includes(each)),
    MOST_COUNTED + 1,
  );
  return { count: Math.min(found, MOST_COUNTED), isMore: found > MOST_COUNTED };
}

function keysOf(isWanted: (family: NoticeFamily) => boolean): readonly string[] {
  return INBOX_SOURCES.filter(({ family }) => isWanted(family)).map(({ key }) => key);
}
