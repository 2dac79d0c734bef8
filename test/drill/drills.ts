/** Every drill by its name. */
import { bitFlip } from './bit-flip.ts';
import { byzantineLeader } from './byzantine-leader.ts';
import type { Drill } from './drill.ts';
import { engineRewound } from './engine-rewound.ts';
import { memberRestored } from './member-restored.ts';
import { operatorDeleted } from './operator-deleted.ts';
import { twoDown } from './two-down.ts';

export const DRILLS: readonly Drill[] = [operatorDeleted, twoDown, engineRewound, memberRestored, byzantineLeader, bitFlip];
