/** Members that are faulty in one particular way. */
import type { Effect } from '#ledger/node/reducer/effects.ts';
import type { MemberEvent } from '#ledger/node/reducer/events.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { SimMember } from './sim-member.ts';
import type { World } from './world.ts';

/** Two processes with one node key and a database each (22, test 16): each keeps every rule, both together do not. */
export class TwoProcesses extends SimMember {
  readonly #second: SimMember;

  constructor(world: World, id: number) {
    super(world, id);
    this.#second = new SimMember(world, id);
  }

  override start(isRestored = false): void {
    super.start(isRestored);
    this.#second.start(isRestored);
  }

  override stop(): void {
    super.stop();
    this.#second.stop();
  }

  override take(event: MemberEvent): void {
    super.take(event);
    if (event.kind === 'message' || event.kind === 'slot_seen') this.#second.take(event);
  }
}

/** A leader that leaves some LedgerTx out, or all of them, and keeps its lease (22, test 25). */
export class CensoringMember extends SimMember {
  /** txIds in hex; null: it proposes nothing at all. */
  censored: ReadonlySet<string> | null = new Set();

  protected override perform(effect: Effect): void {
    const { censored } = this;
    // One that proposes nothing holds on to the lead as well.
    if (censored === null && (effect.kind === 'build_block' || effect.kind === 'resign')) return;
    if (effect.kind !== 'build_block' || censored === null) {
      super.perform(effect);
      return;
    }
    super.perform({ ...effect, envs: effect.envs.filter((env) => !censored.has(toHex(txIdOf(env.body)))) });
  }
}
