/** Plants the patterns of AMLSim's generator (rulebook 9.3) among its own background, with accounts and amounts that occur there. */
import { DAY_MS, HOUR_MS, type PaymentFact } from '#sandbox/surveillance/facts.ts';
import { createDraw, type Draw } from '#test/support/random-facts.ts';
import type { Labelled } from './labelled.ts';

type Planter = { readonly draw: Draw; readonly accounts: readonly string[]; readonly start: number; readonly days: number };
type Planted = { readonly at: number; readonly from: string; readonly to: string; readonly fen: number };

const EACH = 12;

export const TRANSFER_PATTERNS: Readonly<Record<string, (planter: Planter) => readonly Planted[]>> = {
  fan_in: (planter) => {
    const [hub = '', ...payers] = people(planter, 13 + planter.draw.below(12));
    const at = day(planter);
    return payers.map((from) => ({ at: at + within(planter, 5), from, to: hub, fen: amount(planter) }));
  },
  fan_out: (planter) => {
    const [hub = '', ...payees] = people(planter, 13 + planter.draw.below(12));
    const at = day(planter);
    return payees.map((to) => ({ at: at + within(planter, 5), from: hub, to, fen: amount(planter) }));
  },
  cycle: (planter) => {
    const group = people(planter, 3 + planter.draw.below(4));
    const at = day(planter);
    let fen = amount(planter) + 30_000;
    return group.map((from, i) => {
      fen = Math.floor((fen * (94 + planter.draw.below(6))) / 100);
      return { at: at + i * DAY_MS + within(planter, 1), from, to: group[(i + 1) % group.length] ?? '', fen };
    });
  },
  scatter_gather: (planter) => {
    const [source = '', target = '', ...middle] = people(planter, 8 + planter.draw.below(5));
    const at = day(planter);
    return middle.flatMap((ref) => {
      const fen = amount(planter);
      const first = at + within(planter, 2);
      return [
        { at: first, from: source, to: ref, fen },
        { at: first + DAY_MS + within(planter, 2), from: ref, to: target, fen: Math.floor((fen * (88 + planter.draw.below(11))) / 100) },
      ];
    });
  },
  pass_through: (planter) => {
    const [boss = '', ...payers] = people(planter, 4 + planter.draw.below(6));
    const mule = `mule${planter.draw.below(1_000_000)}`;
    const at = day(planter);
    const ins = payers.map((from, i) => ({ at: at + i * HOUR_MS, from, to: mule, fen: 80_000 + planter.draw.below(120_000) }));
    const sum = ins.reduce((all, { fen }) => all + fen, 0);
    return [...ins, { at: at + 12 * HOUR_MS, from: mule, to: boss, fen: Math.floor((sum * (93 + planter.draw.below(6))) / 100) }];
  },
  structuring: (planter) => {
    const [payer = '', ...payees] = people(planter, 5 + planter.draw.below(4));
    const at = day(planter);
    return payees.map((to, i) => ({
      at: at + i * DAY_MS + within(planter, 0.5),
      from: payer,
      to,
      fen: 4_150_000 + planter.draw.below(840_000),
    }));
  },
};

function people({ draw, accounts }: Planter, count: number): readonly string[] {
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(draw.pick(accounts));
  return [...chosen];
}
function day({ draw, start, days }: Planter): number {
  return start + draw.below(days - 14) * DAY_MS;
}
function within({ draw }: Planter, days: number): number {
  return draw.below(Math.floor(days * DAY_MS));
}
function amount({ draw }: Planter): number {
  return 10_000 + draw.below(40_000);
}

export function plantTransfers(facts: readonly PaymentFact[], seed: string): Labelled<PaymentFact> {
  const start = facts[0]?.at ?? 0;
  const draw = createDraw(seed);
  const planter: Planter = {
    draw,
    accounts: [...new Set(facts.map(({ from }) => from))],
    start,
    days: Math.floor(((facts.at(-1)?.at ?? start) - start) / DAY_MS),
  };
  const labels = new Map<string, string>();
  const planted = Object.entries(TRANSFER_PATTERNS).flatMap(([name, pattern]) =>
    Array.from({ length: EACH }, () => pattern(planter)).flatMap((payments) =>
      payments.map(({ at, from, to, fen }): PaymentFact => {
        const id = `w${labels.size}`;
        labels.set(id, name);
        return { kind: 'payment', id, at, from, to, amountFen: BigInt(fen) };
      }),
    ),
  );
  return { facts: [...facts, ...planted].toSorted((a, b) => a.at - b.at), labels };
}
