/** Every drill by its name. */
import { bitFlip } from './bit-flip.ts';
import { byzantineLeader } from './byzantine-leader.ts';
import { diskFull } from './disk-full.ts';
import type { Drill } from './drill.ts';
import { engineLost } from './engine-lost.ts';
import { engineRewound } from './engine-rewound.ts';
import { keyRotated } from './key-rotated.ts';
import { lastResort } from './last-resort.ts';
import { lateHandOver } from './late-hand-over.ts';
import { memberRestored } from './member-restored.ts';
import { operatorDeleted } from './operator-deleted.ts';
import { successorChain } from './successor-chain.ts';
import { tamper } from './tamper.ts';
import { twoDown } from './two-down.ts';

export const DRILLS: readonly Drill[] = [
  operatorDeleted,
  lateHandOver,
  twoDown,
  engineLost,
  engineRewound,
  memberRestored,
  byzantineLeader,
  diskFull,
  bitFlip,
  successorChain,
  tamper,
  keyRotated,
  lastResort,
];
