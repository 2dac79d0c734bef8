/** What a successful experiment proposes for everybody (rulebook 6.4, exit PROMOTE_TO_PACK_PROPOSAL): the rules of its best arm, as values
 *  by path over the pack in force. */
import type { RulePack } from '../packs/rule-pack.ts';
import { constantOfPath, type Experiment } from './experiment.ts';
import type { KpiValue } from './kpis.ts';
import { TAX_RESERVE_PATH } from './tax-reserve.ts';

export type Promotion = {
  readonly arm: string;
  /** As a form of the pack workbench has them. */
  readonly changes: Readonly<Record<string, string>>;
  readonly version: string;
};

/** `null`: it asks for none, or no arm had other rules than the pack. A reserve of tax is never proposed: nobody may be made to (rulebook 1, D2). */
export function promotionOf(experiment: Experiment, kpis: readonly KpiValue[], pack: RulePack): Promotion | null {
  if (experiment.status !== 'EXITED_SUCCESS' || experiment.exit.success !== 'PROMOTE_TO_PACK_PROPOSAL') return null;
  const met = (arm: string) => kpis.filter((kpi) => kpi.arm === arm && kpi.target?.judgement === 'holds').length;
  const rules = experiment.ruleOverrides.filter(({ path }) => path !== TAX_RESERVE_PATH);
  const tried = experiment.assignment.arms.map(({ id }) => id).filter((id) => rules.some(({ arm }) => arm === id));
  const [best] = tried.toSorted((a, b) => met(b) - met(a));
  if (best === undefined) return null;
  const own = rules.filter(({ arm }) => arm === best);
  const changes = Object.fromEntries(
    own.map(({ path, value }) => {
      const constant = constantOfPath(path);
      return [constant === null ? path : `const.${constant}`, String(value)];
    }),
  );
  const [year = '', number = ''] = pack.version.split(/[.-]/);
  return { arm: best, changes, version: `${year}.${number}-${experiment.id.toLowerCase().replaceAll('-', '')}` };
}
