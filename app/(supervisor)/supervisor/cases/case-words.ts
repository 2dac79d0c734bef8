/** What several parts of the case desk share. */
import type { ChipTone } from '#app/_components/ui.tsx';
import type { CaseState, StaffRole } from '#server/trpc/views.ts';

export const CASE_TONE = { open: 'accent', referred: 'wait', closed: 'plain' } as const satisfies Record<CaseState, ChipTone>;

/** Owner of a case that the market opened by itself, until an official takes it over. */
export const UNOWNED = 'clock';

/** The room that tells this role of its cases. */
export function roomOf(role: StaffRole | null): string | null {
  return role?.startsWith('sup_') === true ? `sup:${role.slice('sup_'.length)}` : null;
}
