/** Genesis (`ledger.md` 9): the bytes a ChainId stands for. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type AuthPolicy, readAuthPolicy, writeAuthPolicy } from './auth-policy.ts';
import { type ConsortiumConfig, readConsortiumConfig, writeConsortiumConfig } from './config.ts';
import { type Finality, type Header, readFinality, readHeader, writeFinality, writeHeader } from './header.ts';
import { decodeWith, type Reader } from './reader.ts';
import { readVersionAndSuite, SUITE, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

export interface GenesisAccount {
  readonly policy: AuthPolicy;
  readonly kind: number;
  readonly kyc: Bytes;
}

export interface Predecessor {
  readonly header: Header;
  readonly finality: Finality;
}

export interface Genesis {
  readonly name: string;
  /** 0 or 1. */
  readonly demonstration: number;
  readonly sealedAt: bigint;
  /** Epoch 0. */
  readonly config: ConsortiumConfig;
  readonly accounts: readonly GenesisAccount[];
  readonly predecessor: Predecessor | null;
}

export function writeGenesis(writer: Writer, genesis: Genesis): void {
  writer.u8(VERSION).u8(SUITE).string(genesis.name).u8(genesis.demonstration).u64(genesis.sealedAt);
  writeConsortiumConfig(writer, genesis.config);
  writer.vec(genesis.accounts, (w, account) => {
    writeAuthPolicy(w, account.policy);
    w.u8(account.kind).b32(account.kyc);
  });
  writer.option(genesis.predecessor, (w, predecessor) => {
    writeHeader(w, predecessor.header);
    writeFinality(w, predecessor.finality);
  });
}

export function readGenesis(reader: Reader): Genesis {
  readVersionAndSuite(reader);
  const name = reader.string(64);
  const demonstration = reader.u8();
  if (demonstration > 1) throw new ParseError('pce_unknown_variant', { demonstration });
  const sealedAt = reader.u64();
  const config = readConsortiumConfig(reader);
  if (config.epoch !== 0) throw new ParseError('genesis_epoch', { epoch: config.epoch });
  return {
    name,
    demonstration,
    sealedAt,
    config,
    accounts: reader.vec((r): GenesisAccount => ({ policy: readAuthPolicy(r), kind: r.u8(), kyc: r.b32() }), { smallest: 106 }),
    predecessor: reader.option((r): Predecessor => ({ header: readHeader(r), finality: readFinality(r) })),
  };
}

export const encodeGenesis = (genesis: Genesis): Bytes => encodeWith(writeGenesis, genesis);
/** @throws {ParseError} */
export const decodeGenesis = (bytes: Uint8Array): Genesis => decodeWith(readGenesis, bytes);
