/** Acts of officials that wait for their office's signature, and how they are held against their guards again and finished. */

import type { ClaimGround } from '#server/claims/claim-ground.ts';
import { reviewClaim } from '#server/claims/claim-rulings.ts';
import type { CoSign } from '#server/co-sign/co-sign.repo.ts';
import type { CoSignStep } from '#server/co-sign/co-signs.ts';
import type { Market } from '#server/exchange/market.ts';
import { actIntent } from './act-intent.ts';
import { answerAppeal } from './appeals.ts';
import { approveFreeze, liftFreeze, setFreeze } from './freeze.ts';
import { approveHalt, resume, setHalt } from './halt.ts';
import { carryOutJudgement } from './judgement.ts';
import { approveOpening, type OpeningGround } from './openings.ts';
import { referCase } from './refer.ts';
import { returnItem } from './return-item.ts';
import type { Elsewhere } from './sign-acts.ts';

type ActsGround = OpeningGround & ClaimGround & { readonly market: Pick<Market, 'halts' | 'endOrders'> };

/** By the very procedures that asked: every guard is theirs. */
export function awaitedAct(ground: ActsGround): CoSignStep {
  return {
    check: async (request) => {
      await takeAct(ground, request, { kind: 'check', body: request.body });
    },
    finish: async (request, env, also) => {
      await takeAct(ground, request, { kind: 'finish', env, also });
    },
  };
}

async function takeAct(ground: ActsGround, { intent: kept }: CoSign, elsewhere: Elsewhere): Promise<unknown> {
  const intent = actIntent.parse(kept);
  const { staff } = intent;
  const signed = { signature: intent.signature, signedTx: null, elsewhere };
  switch (intent.act) {
    case 'freeze':
      return setFreeze(ground, staff, intent.order, signed);
    case 'approve_freeze':
      return approveFreeze(ground, staff, intent.freezeId, signed);
    case 'lift':
      return liftFreeze(ground, staff, intent.order, signed);
    case 'grant_appeal':
      return answerAppeal(ground, staff, intent.decision, { ...signed, liftSignature: intent.liftSignature });
    case 'halt':
      return setHalt(ground, staff, intent.order, signed);
    case 'approve_halt':
      return approveHalt(ground, staff, intent.haltId, signed);
    case 'resume':
      return resume(ground, staff, intent.order, signed);
    case 'approve_opening':
      return approveOpening(ground, staff, intent.openingId, signed);
    case 'judgement':
      return carryOutJudgement(ground, staff, intent.order, signed);
    case 'return_item':
      return returnItem(ground, staff, intent.order, signed);
    case 'review_claim':
      return reviewClaim(ground, staff, intent.ruling, signed);
    case 'refer':
      return referCase(ground, staff, intent.order, signed);
  }
}
