/** Answers a question from what was proven, and says so when the file does not hold the answer. */
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { Finding, Outcome, Question } from './verdict.ts';

export function answerQuestion(question: Question, findings: readonly Finding[], height: bigint): Outcome {
  return question.kind === 'owns' ? ownsNow(question, findings) : ownedBetween(question, findings, height);
}

function ownsNow(question: Question, findings: readonly Finding[]): Outcome {
  for (const finding of findings) {
    if (finding.kind === 'item' && finding.serial === question.serial) {
      return !finding.isBurned && equalBytes(finding.owner, question.owner) ? 'proven' : 'disproven';
    }
    if (finding.kind === 'absent' && finding.reg === 1 && finding.index === question.serial) return 'disproven';
  }
  return 'insufficient';
}

/** The chain of title is complete between its first and last link, so one stretch follows the other without a gap. */
function ownedBetween(question: Question & { readonly kind: 'owned' }, findings: readonly Finding[], height: bigint): Outcome {
  const { serial, owner, fromHeight, toHeight } = question;
  if (fromHeight > toHeight || toHeight > height) return 'insufficient';
  for (const finding of findings) {
    if (finding.kind !== 'title' || finding.serial !== serial || finding.owners.some((hop) => hop.isPredecessor)) continue;
    const before = finding.owners.findLast((hop) => hop.fromHeight <= fromHeight);
    // Before its Mint nobody owned it; before the first link of a partial title nobody knows.
    if (before === undefined && finding.isSinceMint) return 'disproven';
    if (before === undefined) continue;
    const during = [before, ...finding.owners.filter((hop) => hop.fromHeight > fromHeight && hop.fromHeight <= toHeight)];
    if (during.some((hop) => !equalBytes(hop.owner, owner))) return 'disproven';
    const last = finding.owners.at(-1);
    // After the newest link only the current leaf tells that nothing has changed since.
    if (finding.isCurrent || (last !== undefined && last.fromHeight > toHeight)) return 'proven';
  }
  return 'insufficient';
}
