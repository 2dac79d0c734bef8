/** Every drill by its name. */
import type { Drill } from './drill.ts';
import { operatorDeleted } from './operator-deleted.ts';
import { twoDown } from './two-down.ts';

export const DRILLS: readonly Drill[] = [operatorDeleted, twoDown];
