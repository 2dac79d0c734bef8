/** What the sandbox said of a gift, as rows beside those of orders (`compliance.decisions`), so that policy replay asks another pack the same. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { exchangeCode } from '#server/exchange/codes.ts';
import type { AnsweredDecision } from '#server/exchange/decisions.repo.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Decided } from '#server/settlement/decided.ts';

type Kept = Pick<AnsweredDecision, 'stage' | 'referenceId' | 'outcome'>;

export function giftDecision(giver: Pick<Player, 'acct'>, decided: Decided, kept: Kept): AnsweredDecision {
  return { acct: giver.acct, ...kept, orderId: null, targetOrderId: null, intent: 'gift', decided };
}

const DIGEST_DIGITS = 48;

/** Who is denied gets no further than the quote. The same question on the same day is one attempt. */
export function deniedQuotes(
  giver: Pick<Player, 'acct'>,
  recipient: Pick<Player, 'acct'>,
  decisions: readonly Decided[],
): readonly AnsweredDecision[] {
  return decisions
    .filter(({ decision }) => decision.kind === 'deny')
    .map((decided) => {
      const { attempt, facts, decision } = decided;
      const codes = decision.reasons.map(({ code }) => code);
      const itemIds = facts.items.map(({ itemId }) => itemId);
      const asked = { day: beijingDate(attempt.at), intent: 'gift', itemIds, to: recipient.acct, packHash: decision.packHash, codes };
      const referenceId = `quote:${toHex(sm3(canonicalBytes(asked))).slice(0, DIGEST_DIGITS)}`;
      return giftDecision(giver, decided, { stage: 'quote', referenceId, outcome: exchangeCode(codes[0] ?? '') });
    });
}
