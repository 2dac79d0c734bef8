import type { ChipTone } from '#app/_components/ui.tsx';
import type { ReplaySummary } from '#server/trpc/views.ts';

export const REPLAY_TONE: Record<ReplaySummary['state'], ChipTone> = { waiting: 'plain', running: 'wait', done: 'good', refused: 'bad' };
