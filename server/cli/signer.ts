/** `npm run cli -- signer …`: the two public keys that a node and its signer are told of each other. */
import path from 'node:path';
import type { Command } from 'commander';
import { type KeyOptions, loadSignerClient } from '#ledger/node/keys.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { parseEnvironment } from '#server/env.ts';
import { openKeyDevice } from '#server/members/run-signer.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';

type JsonOption = { readonly json?: boolean };

export function addSignerCommands(program: Command, io: ConsortiumIo): void {
  const signer = program.command('signer').description('the node key in a process of its own, on another machine where there is one');

  signer
    .command('client')
    .description('on the machine of the node: the key that signs what it asks, made if there is none; the signer is told it with --client')
    .option('--json')
    .addHelpText(
      'after',
      `
Example, a member whose key never lies on the machine of its node:
  node$    DATA_DIR=/srv/node npm run --silent cli -- signer client                       prints CLIENT
  signer$  DATA_DIR=/srv/signer PORT=3190 npm start -- --role signer --client CLIENT      prints the node key NODEKEY
  node$    DATA_DIR=/srv/node npm run --silent cli -- config record … --signer http://127.0.0.1:3190 --signer-key NODEKEY --to us.json
  node$    in its site file: "signer": { "url": "http://127.0.0.1:3190", "key": "NODEKEY" }, then npm start -- --role member --member NAME --site FILE
With the key in a cryptographic device (GM/T 0018): SDF_DRIVER='["/opt/vendor/driver"]' SDF_KEY=1 SDF_PIN_FILE=/run/secrets/pin beside
DATA_DIR; without one at hand the simulated device, SDF_DRIVER='["node", "server/members/simulated-sdf.ts", "--dir", "/srv/device"]'.
The channel is signed with SM2 both ways and holds nothing secret. Between two machines use HOST at the signer, or a tunnel.`,
    )
    .action(({ json }: JsonOption) => io.answer(json, { client: toHex(loadSignerClient(keyOptions()).publicKey) }));

  signer
    .command('key')
    .description('on the machine of the signer: the public half of the node key, made if there is none')
    .option('--json')
    .addHelpText('after', '\nExample: DATA_DIR=/srv/signer npm run --silent cli -- signer key')
    .action(async ({ json }: JsonOption) => {
      const { dir, sm2 } = keyOptions();
      const log = { info: () => undefined, error: (sentence: string) => io.err(sentence) };
      const held = await openKeyDevice(parseEnvironment(process.env), { keysDir: dir, sm2, log });
      io.answer(json, { key: toHex(held.device.publicKey), form: held.form });
      held.close();
    });
}

function keyOptions(): KeyOptions {
  const { dataDir, keyPassphraseFile } = parseEnvironment(process.env);
  return {
    ...{
      dir: path.join(path.resolve(dataDir), 'keys'),
      sm2: startSm2().sm2,
      random: (length: number) => systemRandom.bytes(length),
      create: true,
    },
    ...(keyPassphraseFile === null ? {} : { passphraseFile: keyPassphraseFile }),
  };
}
