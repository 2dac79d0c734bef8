/**
 * One faulty member (`ledger.md` 22, tests 10 and 11). It runs the same reducer to know what goes on, and then says something else:
 * two Endorsements in a term, two Votes, other headers to other members, garbage sets, bodies withheld or forged, Seals that hide
 * what it knows, and as a leader blocks that nobody may endorse.
 */

import { NO_BASE } from '#ledger/block/recovery.ts';
import { voteMessage } from '#ledger/block/vote.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import type { Header } from '#ledger/codec/header.ts';
import type { BlockBody, PeerBody, Proposal } from '#ledger/codec/peer-body.ts';
import { encodeSeal } from '#ledger/codec/recovery.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import type { Effect } from '#ledger/node/reducer/effects.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { FOUNDING, simSm2 } from './founding.ts';
import { SimMember } from './sim-member.ts';

export class LyingMember extends SimMember {
  /** Share of its statements that are lies. */
  malice = 0.5;
  /** Sound variants of headers it has seen, so that somebody might endorse them. */
  readonly #twins = new Map<string, BlockBody>();

  protected override perform(effect: Effect): void {
    const { chance } = this.world;
    if (effect.kind === 'halt' || !chance.hits(this.malice)) {
      if (effect.kind !== 'halt') super.perform(effect);
      return;
    }
    switch (effect.kind) {
      case 'send':
        for (const to of effect.to) this.#lie(to, effect.body);
        return;
      case 'serve_body':
      case 'serve_blocks':
        return;
      case 'check_block':
        // Whatever it is, it is sound.
        this.world.timeline.after(1, () =>
          this.take({ kind: 'block_checked', header: headerHash(effect.block.header), scope: effect.scope, verdict: { kind: 'sound' } }),
        );
        return;
      default:
        super.perform(effect);
    }
  }

  #lie(to: number, body: PeerBody): void {
    switch (body.kind) {
      case 'propose':
        this.send(to, { kind: 'propose', proposal: this.#badProposal(body.proposal) });
        return;
      case 'endorse':
        this.send(to, body);
        this.#endorseTwins(to, body.statement);
        return;
      case 'vote':
        this.#voteEverywhere(to, body.statement);
        return;
      case 'slot':
        this.send(to, {
          kind: 'slot',
          set: { ...body.set, sigs: body.set.sigs.map((sig) => ({ ...sig, sig: this.world.chance.bytes(64) })) },
        });
        return;
      case 'body':
        if (this.world.chance.hits(0.5)) this.send(to, { kind: 'body', block: { header: body.block.header, entries: [] } });
        return;
      case 'seal': {
        const seal = { ...body.signed.seal, ...NO_BASE };
        const sig = this.#sign('PLP1/seal', encodeSeal(seal));
        this.send(to, { kind: 'seal', signed: { seal, sig, set: null } });
        return;
      }
      case 'standing':
        this.send(to, { ...body, votedHeight: 0n });
        return;
      case 'set':
        this.send(to, { ...body, set: null });
        return;
      default:
        this.send(to, body);
    }
  }

  /** Ten ways to be refused, and a twin that holds: two headers in one term. */
  #badProposal(proposal: Proposal): Proposal {
    const { chance } = this.world;
    const { header, entries } = proposal;
    const changed = (change: Partial<Header>): Proposal => ({ ...proposal, header: { ...header, ...change } });
    switch (chance.between(0, 9)) {
      case 0:
        return changed({ stateRoot: ZERO_32 });
      case 1:
        return changed({ logRoot: chance.bytes(32) });
      case 2:
        return changed({ sealedAt: header.sealedAt + 3_600_000n });
      case 3:
        return changed({ prevHash: chance.bytes(32) });
      case 4:
        return changed({ epoch: header.epoch + 1 });
      case 5:
        return { ...changed({ txCount: 0 }), entries: [] };
      case 6: {
        const [first] = entries;
        const many = first === undefined ? [] : Array.from({ length: 21 }, () => first);
        return { ...changed({ txCount: many.length }), entries: many };
      }
      case 7:
        return { ...proposal, term: proposal.term + 1n };
      default:
        return { ...proposal, ...this.#twin(proposal) };
    }
  }

  /** The same block a millisecond later: as good as the first, and another header. */
  #twin(block: BlockBody): BlockBody {
    const key = toHex(headerHash(block.header));
    const known = this.#twins.get(key);
    if (known !== undefined) return known;
    const header = { ...block.header, sealedAt: block.header.sealedAt + 1n };
    const twin = { header, entries: block.entries };
    this.#twins.set(key, twin);
    return twin;
  }

  #endorseTwins(to: number, { vote }: SignedVote): void {
    for (const twin of [...this.#twins.values()].slice(-2)) {
      const other = { ...vote, header: headerHash(twin.header) };
      const sig = this.#sign('PLP1/endorse', voteMessage(FOUNDING.chain, other, 'PLP1/endorse').slice(48));
      this.send(to, { kind: 'endorse', statement: { vote: other, sig } });
    }
  }

  #voteEverywhere(to: number, statement: SignedVote): void {
    const { chance } = this.world;
    if (chance.hits(0.5)) this.send(to, { kind: 'vote', statement });
    const twins = [...this.#twins.values()].slice(-2).map((twin) => headerHash(twin.header));
    const header = chance.pick([...twins, statement.vote.header]) ?? statement.vote.header;
    const other = { ...statement.vote, header, term: statement.vote.term + BigInt(chance.between(0, 1)) };
    const sig = this.#sign('PLP1/vote', voteMessage(FOUNDING.chain, other).slice(48));
    this.send(to, { kind: 'vote', statement: { vote: other, sig } });
  }

  #sign(tag: 'PLP1/endorse' | 'PLP1/vote' | 'PLP1/seal', payload: Uint8Array) {
    const config = this.state?.round.config ?? FOUNDING.genesis.config;
    return simSm2.sign(this.signingKey(config), signedMessage(tag, FOUNDING.chain, payload));
  }
}
