/** Asks the ledger for the places of a group's acts, in their order: one batch signature for all Trades of the group. */
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { LedgerNode, SequencingGroup } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Group } from '#server/settlement/group.ts';
import type { SettledTx } from './save-trades.repo.ts';

export type Applied =
  | {
      readonly kind: 'applied';
      readonly settled: readonly SettledTx[];
      readonly sequenced: readonly {
        readonly env: TxEnv;
        readonly result: Extract<ReturnType<SequencingGroup['apply']>, { kind: 'sequenced' }>;
      }[];
    }
  | { readonly kind: 'rejected'; readonly index: number; readonly code: string };

export function applyActs(
  operator: LedgerNode['operator'],
  sequencing: SequencingGroup,
  group: Group,
  stageMs: { sign: number; apply: number },
): Applied {
  const begun = performance.now();
  const bodies = group.acts.flatMap((act) => (act.kind === 'trade' ? [act.settled.body] : []));
  const envs = bodies.length === 0 ? [] : operator.batchSign(bodies);
  const signed = performance.now();
  stageMs.sign += signed - begun;
  const settled: SettledTx[] = [];
  const sequenced: Extract<Applied, { kind: 'applied' }>['sequenced'][number][] = [];
  for (const [index, act] of group.acts.entries()) {
    const env = act.kind === 'trade' ? envs[settled.length] : act.env;
    assert(env !== undefined, 'every body was signed');
    const result = sequencing.apply(env);
    if (result.kind === 'rejected') return { kind: 'rejected', index, code: result.code };
    sequenced.push({ env, result });
    if (act.kind === 'trade') settled.push({ settled: act.settled, txId: result.txId });
  }
  stageMs.apply += performance.now() - signed;
  return { kind: 'applied', settled, sequenced };
}
