/**
 * One seed: a plan of faults, twelve seconds of trouble, healing, and the question whether the consortium goes on.
 *
 * Which of the disaster tests of `ledger.md` 22 marked **s** is where (faults of `faults.ts` unless said otherwise):
 *  1 leader killed at each step: `leader-killed` · 2 killed between persist and send: `member-killed-after-record`
 *  3 power cut drops unsynced writes: `power-cut`, and every other kill · 4 torn rows: `blocks-damaged`, `disk-fails`
 *  5 leader in a minority partition: `minority-partition` · 6 decide with unknown result: `engine-answers-lost`
 *  8 engine restored from an old copy: `engine-rewound` · 9 engine shows different slots: `engine-lies`
 * 10 bad leader, 11 bad member: `lying-member.ts`, two seeds in five · 12 clocks: `clock-wrong`
 * 13 lost, doubled, reordered messages: every seed, `sim-network.ts` · 15 signer restored from a dump: `signer-restored`
 * 16 two processes with one node key: `two-processes` · 17 key rotation, a revoked key votes: `key-rotated`
 * 18 join, leave: `member-joins`, `member-leaves` · 20 every choice of seals, one lying: `recovery`, and `scenarios.test.ts`
 * 21 last resort, 25 censoring leader, 29 refused LedgerTx, 30 parts of a batch: `scenarios.test.ts`
 */

import { executeBlock } from '#ledger/block/block.ts';
import { genesisState } from '#ledger/block/genesis.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { isBurned } from '#ledger/state/rules.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import { Chance } from './chance.ts';
import { beginRecovery, CHAOS_MS, FAULTS, type Fault, plan } from './faults.ts';
import { FOUNDING, simSm2 } from './founding.ts';
import { LyingMember } from './lying-member.ts';
import { BrokenInvariant, demand } from './monitor.ts';
import { TwoProcesses } from './odd-members.ts';
import { SimMember } from './sim-member.ts';
import { World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly liar: number | null;
  /** The invariant that broke; null: none did. */
  readonly broken: string | null;
  readonly height: number;
  readonly entries: number;
  readonly signatures: number;
  readonly messages: number;
  readonly recoveries: number;
  readonly convictions: number;
}

/** How long healing may take, in virtual time. */
const HEAL_MS = 30_000;
const SUBMIT_EVERY_MS = 400;

export function runSeed(seed: number, chosen?: { readonly faults: readonly Fault[]; readonly liar: number | null }): Outcome {
  const { faults, liar } = chosen ?? choose(seed);
  const liars = new Set(liar === null ? [] : [liar]);
  const Liar = faults.includes('two-processes') ? TwoProcesses : LyingMember;
  const world = new World(seed, liars, (at, id) => (liars.has(id) ? new Liar(at, id) : new SimMember(at, id)));
  let broken: string | null = null;
  try {
    play(world, new Set(faults));
  } catch (error) {
    // An assertion of the program counts like an invariant: the seed has to be named.
    broken = error instanceof BrokenInvariant || !(error instanceof Error) ? String(error) : (error.stack ?? error.message);
  }
  const best = world.best();
  return {
    seed,
    faults,
    liar,
    broken,
    height: Number(best?.tip.height ?? 0n),
    entries: Number(best?.tip.logSize ?? 0n),
    signatures: world.monitor.signatures,
    messages: world.network.sent,
    recoveries: world.recovered,
    convictions: world.accusations.length,
  };
}

function choose(seed: number): { readonly faults: readonly Fault[]; readonly liar: number | null } {
  const chance = new Chance(seed ^ 0x51ed270b);
  const count = chance.between(1, 4);
  const faults = new Set<Fault>();
  while (faults.size < count) faults.add(chance.pick(FAULTS) ?? 'recovery');
  // Two faulty members of four would be one too many: a signer that has lost its memory is one.
  if (faults.has('two-processes')) faults.delete('signer-restored');
  const mayLie = faults.has('two-processes') || (!faults.has('signer-restored') && chance.hits(0.4));
  return { faults: [...faults], liar: mayLie ? chance.between(1, 4) : null };
}

function play(world: World, faults: ReadonlySet<Fault>): void {
  const { timeline } = world;
  for (const member of world.members.values()) member.start();
  plan(world, faults);
  for (let at = 200; at < CHAOS_MS; at += SUBMIT_EVERY_MS) timeline.after(at, () => world.submitSomething());
  timeline.runUntil(CHAOS_MS + 1);
  heal(world);
  for (const member of world.honest) replay(member);
}

/** Everybody is up and everything works: blocks must come again, by a Recovery if the engine has lost or confused a height. */
function heal(world: World): void {
  for (let attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) beginRecovery(world);
    if (goesOn(world, HEAL_MS)) return;
  }
  demand(false, `no progress after healing: ${world.honest.map(describe).join(' · ')}`);
}

function describe(member: SimMember): string {
  const { state } = member;
  if (state === null) return `${member.id} is down`;
  const { round, standing, leading } = state;
  const alerts = [...member.alerts].map(([code, times]) => `${code}×${times}`).join(' ');
  const own = `endorsed ${round.endorsed.map((each) => each.term).join()} voted ${round.vote?.term ?? '–'}`;
  return `${member.id} at ${round.epoch}/${round.height} ${standing.kind} ${leading.kind} floor ${state.floorEpoch} ${own} [${alerts}]`;
}

/** A LedgerTx submitted now is certified at every honest member of the configuration in force. */
function goesOn(world: World, withinMs: number): boolean {
  const { timeline } = world;
  const from = world.best()?.tip.logSize ?? 0n;
  const end = timeline.now + withinMs;
  for (let turn = 0; timeline.now < end; turn++) {
    if (turn % 4 === 0) world.submitSomething();
    timeline.runUntil(timeline.now + 500);
    const current = world.best()?.state?.round.config.members.map((each) => each.id) ?? [];
    const counted = world.honest.filter((member) => current.includes(member.id));
    if (counted.every((member) => member.isUp && member.tip.logSize >= from + 3n)) return true;
  }
  return false;
}

/** The log of one member from genesis: every root again, and as many live Items as accounts say they hold. */
function replay(member: SimMember): void {
  const state = genesisState(FOUNDING.genesis);
  let tip = FOUNDING.header;
  for (const { header, entries } of member.disk.blocks) {
    const config = configNamed(member, header.configHash);
    const ground = {
      state,
      config,
      prevHeader: tip,
      demonstration: true,
      verify: simSm2.verify,
      formerConfig: (epoch: number) => formerOf(member, epoch),
      firstEntry: 0n,
    };
    const executed = executeBlock({ ...ground, header, entries });
    demand(executed.kind === 'executed', `height ${header.height} of member ${member.id} does not replay`);
    tip = header;
  }
  const isWriting = member.tip.height + 1n === tip.height || tip.height + 1n === member.tip.height;
  const isTip = equalBytes(headerHash(tip), headerHash(member.tip));
  demand(isTip || isWriting, `the tip of member ${member.id} is its last stored block`);
  const items = [...state.leaves(1)].flatMap((each) => (each.reg === 1 ? [each.leaf] : []));
  const held = [...state.leaves(2)].reduce((sum, each) => sum + (each.reg === 2 ? each.leaf.itemCount : 0n), 0n);
  demand(BigInt(items.filter((item) => !isBurned(item)).length) === held, 'Σ itemCount = live Items');
}

function formerOf(member: SimMember, epoch: number): ConsortiumConfig | null {
  return member.configsInForce.find((each) => each.epoch === epoch) ?? null;
}

function configNamed(member: SimMember, hash: Uint8Array): ConsortiumConfig {
  const known = [FOUNDING.genesis.config, ...member.ledger.configs(), ...member.disk.recoveries.map((each) => each.config)];
  const found = known.find((config) => equalBytes(configHash(config), hash));
  demand(found !== undefined, `member ${member.id} knows the configuration of every header`);
  return found;
}
