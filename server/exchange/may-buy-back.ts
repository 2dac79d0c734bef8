/** Whether the pack lets an issuer and its affiliates buy their own items for cash (rulebook CN-MK-07); a pack without the switch does not. */
import { findConstant } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';

export function mayBuyBack(pack: RulePack): boolean {
  return findConstant(pack, 'buyback')?.value === 'true';
}
