/** `npm run model`: the exhaustive safety model, its mutants, and the walks with recoveries, as figures. */
import { firstBroken } from './recovery-walk.ts';
import { explore } from './voting-model.ts';

const MUTANTS = { countsAcrossTerms: 217_895, dropsVoteLock: 440_985, dropsS3: 440_985 } as const;
const WALKS = 20_000;

const say = (facts: object): void => {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
};

const model = explore();
say({ model: 'as specified', ...model });
const caught = Object.entries(MUTANTS).map(([name, states]) => {
  const found = explore({ [name]: true }, true);
  say({ mutant: name, states: found.states, breaksP2: found.p2Broken > 0 });
  return found.p2Broken > 0 && found.states === states;
});
const broken = firstBroken(1, WALKS);
say({ walks: WALKS, firstBroken: broken });
const strays = [{ comparesTermsAlone: true }, { endorsesBesideBase: true }].map((mutant) => {
  const seed = firstBroken(1, WALKS, mutant);
  say({ mutant, firstBroken: seed });
  return seed !== null;
});
const isSafe = model.states === 217_895 && model.p2Checks === 871_580 && model.p1Broken + model.p2Broken === 0 && broken === null;
process.exitCode = isSafe && [...caught, ...strays].every(Boolean) ? 0 : 1;
