/** The packs of a replay, ready for the hot loop: each with the overrides of its experiments, compiled once. */
import { assert } from '#ledger/primitives/assert.ts';
import { applyOverrides } from '../experiments/experiment.ts';
import { findConstant, packHash } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { type CompiledWindow, compileAssessor, compileWindow, type Program, roundedQuotient, type Shape } from '../tax/compile-assessor.ts';
import type { ExperimentArm } from './facts.ts';
import { type ReplayInputs, setDatesAside } from './inputs.ts';

export type CompiledPack = {
  readonly pack: RulePack;
  readonly program: (shape: Shape) => Program;
  readonly window: CompiledWindow | null;
  readonly round: (n: bigint, d: bigint) => bigint;
  readonly feeBpsMax: number;
};

/** `baseline` runs each record under the pack stored with it, `draft` all under one. */
export type Side = 'baseline' | 'draft';
export type Rules = {
  /** @param storedHash of the pack that the record was made under */
  readonly packOf: (side: Side, storedHash: string, experiment: ExperimentArm | null) => CompiledPack;
};

export function openRules({ baseline, draft, assumeInForce, options }: ReplayInputs): Rules {
  const stored = new Map(baseline.packs.map((pack) => [packHash(pack), pack]));
  const draftInForce = assumeInForce ? setDatesAside(draft) : draft;
  const overrides = new Map(baseline.experiments.map((experiment) => [experiment.id, experiment.overrides]));
  const compiled = new Map<string, CompiledPack>();

  function merged(side: Side, pack: RulePack, experiment: ExperimentArm | null): RulePack {
    if (experiment === null || (side === 'draft' && options.experiments === 'DROP')) return pack;
    return applyOverrides(
      pack,
      (overrides.get(experiment.id) ?? []).filter(({ arm }) => arm === experiment.arm),
    );
  }

  return {
    packOf: (side, storedHash, experiment) => {
      const arm = experiment === null ? '' : `${experiment.id} ${experiment.arm}`;
      const key = side === 'draft' ? `draft ${arm}` : `${storedHash} ${arm}`;
      const known = compiled.get(key);
      if (known !== undefined) return known;
      const pack = side === 'draft' ? draftInForce : stored.get(storedHash);
      assert(pack !== undefined, 'every stored pack is among the inputs (refuseInputs)');
      const made = compilePack(merged(side, pack, experiment));
      compiled.set(key, made);
      return made;
    },
  };
}

export function compilePack(pack: RulePack): CompiledPack {
  return {
    pack,
    program: compileAssessor(pack),
    window: compileWindow(pack),
    round: roundedQuotient(pack.rounding.mode),
    // A pack from before the ceiling has none.
    feeBpsMax: Number(findConstant(pack, 'platformFeeBpsMax')?.value ?? '10000'),
  };
}
