/** The program's entry: which of its roles this process plays. Started by `up.mjs`, stopped by a signal. */
import { parseArgs } from 'node:util';
import { ForeignInstallation } from '#ledger/node/keys.ts';
import { parseEnvironment } from '#server/env.ts';
import type { MemberFlags } from '#server/members/run-member.ts';
import type { SignerFlags } from '#server/members/run-signer.ts';
import type { OperatorFlags } from '#server/run-operator.ts';

type Flags = OperatorFlags & { readonly member: MemberFlags | null; readonly signer: SignerFlags | null };

function parseFlags(): Flags {
  const { values } = parseArgs({
    options: {
      dev: { type: 'boolean', default: false },
      'no-pages': { type: 'boolean', default: false },
      'no-catalogue': { type: 'boolean', default: false },
      role: { type: 'string', default: 'operator' },
      member: { type: 'string' },
      site: { type: 'string' },
      client: { type: 'string', multiple: true },
    },
  });
  if (!['operator', 'member', 'signer'].includes(values.role)) throw new Error(`--role ${values.role}: operator, member or signer`);
  if (values.role === 'member' && values.member === undefined) throw new Error('--role member needs --member NAME');
  if (values.role === 'signer' && values.client === undefined)
    throw new Error('--role signer needs --client HEX: the key that cli -- signer client prints on the machine of the node');
  return {
    isDev: values.dev,
    hasPages: !values['no-pages'],
    hasDemonstrationRun: !values['no-catalogue'],
    member: values.role === 'member' ? { name: values.member ?? '', site: values.site ?? null, hasPages: !values['no-pages'] } : null,
    signer: values.role === 'signer' ? { clients: values.client ?? [] } : null,
  };
}

async function main(): Promise<void> {
  const environment = parseEnvironment(process.env);
  const flags = parseFlags();
  if (flags.member !== null) {
    const { runMember } = await import('#server/members/run-member.ts');
    return runMember(environment, flags.member);
  }
  if (flags.signer !== null) {
    const { runSigner } = await import('#server/members/run-signer.ts');
    return runSigner(environment, flags.signer);
  }
  const { runOperator } = await import('#server/run-operator.ts');
  return runOperator(environment, flags);
}

main().catch((error: unknown) => {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Daoju couldn't start: ${sentence}\n`);
  if (error instanceof ForeignInstallation && process.env.DEMONSTRATION !== 'off') {
    process.stderr.write('If this is a demonstration, npm run demo:reset removes it, and the next start begins another.\n');
  }
  process.exit(1);
});
