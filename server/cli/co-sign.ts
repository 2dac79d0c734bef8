/** `npm run cli -- co-sign …`: what pages of a market have asked a supervisor to sign, read and signed where its account key is (V-18 to V-20, T-01). */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadKeyFile, pinnedChain } from '#ledger/node/keys.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { systemClock } from '#server/clock.ts';
import { parseEnvironment } from '#server/env.ts';
import {
  type Answered,
  type AskedToSign,
  declineCoSign,
  listCoSigns,
  type Refused,
  type SupervisorPlace,
  signCoSign,
} from '#server/members/co-sign-client.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';

type PlaceOptions = {
  readonly market: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly chain?: string;
  readonly json?: boolean;
};

const DONE = 0;
const REFUSED = 1;

export function addCoSignCommands(program: Command, io: ConsortiumIo): void {
  const coSign = program
    .command('co-sign')
    .description(
      'what a market’s pages have asked a supervisor to sign: a studio’s account, a pack, a step of an experiment, an official’s act (freeze, lift, halt, opened identity, reversal, judgement); a court signs judgements',
    );
  const add = (name: string, description: string) =>
    coSign
      .command(name)
      .description(description)
      .requiredOption('--market <url>', 'address of the market')
      .option('--key <file>', 'key of the supervisor’s account (PEM); DATA_DIR/keys/operator-account.pem when left out')
      .option('--passphrase-file <file>', 'its first line opens the key; the file `passphrase` beside the key when left out')
      .option('--chain <hex>', 'ChainId; the one pinned beside the key when left out')
      .option('--json');

  add('list', 'what waits').action(async (options: PlaceOptions) => {
    const waiting = await listCoSigns(placeOf(options));
    if (waiting.kind === 'refused') return refuse(io, options, waiting);
    if (options.json === true) io.out(JSON.stringify(waiting.requests.map(factsOf)));
    else for (const request of waiting.requests) io.out(`${request.coSignId}  ${request.until}  ${wordsOf(request)}`);
    if (waiting.requests.length === 0) io.err('Nothing waits for this supervisor.');
    process.exitCode = DONE;
  });

  add('show', 'one of them, read from its bytes')
    .argument('<id>')
    .action(async (coSignId: string, options: PlaceOptions) => {
      const waiting = await listCoSigns(placeOf(options));
      if (waiting.kind === 'refused') return refuse(io, options, waiting);
      const request = waiting.requests.find((each) => each.coSignId === coSignId);
      if (request === undefined)
        return refuse(io, options, {
          kind: 'refused',
          code: 'co_sign_unknown',
          message: 'Nothing with this number waits for a signature.',
        });
      io.answer(options.json, factsOf(request));
      process.exitCode = request.fault === null ? DONE : REFUSED;
    });

  add('sign', 'check the bytes, say what they do, and sign them; the market then takes the step')
    .argument('<id>')
    .option('--tx <hex>', 'signs this LedgerTx and no other: the txId that `show` has printed')
    .addHelpText(
      'after',
      '\nExample: DATA_DIR=/srv/supervisor npm run --silent cli -- co-sign sign cos_… --market https://market.example\nExit 0: signed and done; 1: refused, with the code, or ended without its step.',
    )
    .action(async (coSignId: string, { tx, ...options }: PlaceOptions & { readonly tx?: string }) => {
      const place = placeOf(options);
      const waiting = await listCoSigns(place);
      const request = waiting.kind === 'listed' ? waiting.requests.find((each) => each.coSignId === coSignId) : undefined;
      if (request !== undefined) io.err(wordsOf(request));
      // What was read is what is signed, whatever the market says when it is asked again.
      tell(io, options, await signCoSign(place, coSignId, tx ?? request?.txId ?? null));
    });

  add('decline', 'refuse to sign, with the reason that the page shows')
    .argument('<id>')
    .requiredOption('--reason <text>')
    .action(async (coSignId: string, { reason, ...options }: PlaceOptions & { readonly reason: string }) => {
      tell(io, options, await declineCoSign(placeOf(options), coSignId, reason));
    });
}

function placeOf({ market, key, passphraseFile, chain }: PlaceOptions): SupervisorPlace {
  const file = path.resolve(key ?? path.join(process.env.DATA_DIR ?? '.data', 'keys', 'operator-account.pem'));
  const known = chain ?? pinnedChain(path.dirname(file));
  if (!existsSync(file)) throw new Error(`${file}: there is no such key file (--key FILE)`);
  if (known === null) throw new Error('which chain? --chain HEX: it is printed on /node of a member that you trust');
  const { sm2 } = startSm2();
  const passphrase = passphraseFile ?? parseEnvironment(process.env).keyPassphraseFile;
  const options = {
    sm2,
    random: (length: number) => systemRandom.bytes(length),
    ...(passphrase === null ? {} : { passphraseFile: passphrase }),
  };
  return { market, chain: fromHex(known, 32), key: loadKeyFile(file, options), sm2, now: systemClock.now() };
}

function wordsOf({ about, fault }: AskedToSign): string {
  return about === null ? `not to be signed: ${fault ?? ''}` : `${about.en} / ${about.zh}`;
}

function factsOf({ coSignId, kind, txId, about, fault, askedBy, askedAt, until, signedBy }: AskedToSign) {
  return { coSignId, kind, about: about?.en ?? null, aboutZh: about?.zh ?? null, fault, txId, askedBy, askedAt, until, signedBy };
}

function refuse(io: ConsortiumIo, { json }: PlaceOptions, { code, message }: Refused): void {
  io.answer(json, { outcome: 'refused', code, message });
  process.exitCode = REFUSED;
}

function tell(io: ConsortiumIo, options: PlaceOptions, answer: Answered | Refused): void {
  if (answer.kind === 'refused') {
    refuse(io, options, answer);
    return;
  }
  const { coSignId, state, isDone, endCode } = answer.request;
  io.answer(options.json, { outcome: state, done: isDone, coSignId, ...(endCode === null ? {} : { code: endCode }) });
  process.exitCode = state === 'ended' ? REFUSED : DONE;
}
