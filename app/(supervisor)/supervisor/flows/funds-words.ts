/** Names of nodes and movements, and the one question that this page asks itself: does every node balance? */
import { useTranslations } from 'use-intl';
import { fundsZh } from '#app/_client/messages/funds.ts';
import type { FundsFlow } from '#server/trpc/views.ts';

export type FundsNodeView = FundsFlow['nodes'][number];
const ACTS = fundsZh.funds.act;
const isAct = (kind: string): kind is keyof typeof ACTS => Object.hasOwn(ACTS, kind);

export function useFundsWords() {
  const t = useTranslations('funds');
  return {
    act: (kind: string): string => (isAct(kind) ? t(`act.${kind}`) : kind),
    node: ({ role, name, members }: FundsNodeView): string => {
      const whose = members > 1 ? t('group', { count: String(members) }) : name;
      return whose === null ? t(`role.${role}`) : `${t(`role.${role}`)} · ${whose}`;
    },
  };
}

/** Computed again from what is shown: the edges against the node's own figures, and what comes against what goes. */
export function isBalanced({ nodes, edges }: FundsFlow): boolean {
  const into = new Map<string, bigint>();
  const out = new Map<string, bigint>();
  for (const { from, to, amountFen } of edges) {
    out.set(from, (out.get(from) ?? 0n) + BigInt(amountFen));
    into.set(to, (into.get(to) ?? 0n) + BigInt(amountFen));
  }
  return nodes.every((node) => {
    const came = BigInt(node.inFen) + BigInt(node.earlierFen) + BigInt(node.againFen);
    const went = BigInt(node.outFen) + BigInt(node.staysFen) + BigInt(node.furtherFen) + BigInt(node.onwardFen);
    return came === went && (into.get(node.id) ?? 0n) === BigInt(node.inFen) && (out.get(node.id) ?? 0n) === BigInt(node.outFen);
  });
}
