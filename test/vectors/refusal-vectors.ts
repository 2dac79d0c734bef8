/** Vectors of refusals: the scenarios of `refusal-scenarios.ts` as bytes, each to be replayed on a fresh chain. */
import { encodeGenesis } from '#ledger/codec/genesis.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { parseTxEnv } from '#ledger/tx/parse.ts';
import { type Attempt, World } from './ledger-world.ts';
import { REFUSAL_SCENARIOS, type Stage } from './refusal-scenarios.ts';

const READ_ME =
  'Each scenario starts from its genesis (0 real, 1 demonstration). A step is asked with sealedAt = now at height; code is the ' +
  'refusal, or null. A kept step moves the state: its Entry has that height and pos 0. logRoot and stateRoot are those at the end.';

const unasked = (): void => undefined;
const NO_ASSERTIONS = { toBe: unasked, toEqual: unasked, toMatchObject: unasked, toHaveLength: unasked };

export function refusalVectors(sm2: Sm2, source: string): unknown {
  const scenarios = REFUSAL_SCENARIOS.map(([name, play]) => {
    const worlds: World[] = [];
    const check = (world: World, code: Attempt['code'], op: Parameters<World['code']>[0], by: Parameters<World['code']>[1]): void => {
      const found = world.code(op, by);
      assert(found === code, `${name}: ${op.kind} gives ${code}, got ${found}`);
    };
    const stage: Stage = {
      start: (demonstration = 1) => {
        const world = new World(sm2, demonstration);
        worlds.push(world);
        return world;
      },
      refuses: check,
      passes: (world, op, by) => check(world, null, op, by),
      expect: () => NO_ASSERTIONS,
    };
    play(stage);
    return worlds.map((world, index) => ({
      name: worlds.length === 1 ? name : `${name} (${index + 1})`,
      genesis: world.genesis.demonstration,
      steps: world.attempts.map(stepOf),
      logRoot: toHex(world.state.logRoot()),
      stateRoot: toHex(world.state.stateRoot()),
    }));
  });
  return {
    source,
    format: READ_ME,
    genesis: [0, 1].map((demonstration) => toHex(encodeGenesis(new World(sm2, demonstration).genesis))),
    scenarios: scenarios.flat(),
  };
}

function stepOf({ now, height, env, code, isKept }: Attempt): unknown {
  const bytes = encodeTxEnv(env);
  assert(parseTxEnv(bytes).kind === 'parsed', `${env.body.op.kind} decodes: what a decoder refuses stands among the malformed`);
  return { now: Number(now), height: Number(height), op: env.body.op.kind, code, ...(isKept ? { kept: true } : {}), env: toHex(bytes) };
}
