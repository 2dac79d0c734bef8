/**
 * The offline verifier as a form (`ledger.md` 17, product P-44): a file in, a verdict in words out. Plain DOM, so that the page
 * and the one saved HTML file run the same code. Makes no request; every text goes in as text, never as markup.
 */
import { browserClock } from '#app/_client/clock.ts';
import { isZip, unzipPackage } from '#ledger/bin/unzip.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { PackageFiles } from '#ledger/evidence/check-files.ts';
import { type EvidenceVerdict, evidenceStepWords } from '#ledger/evidence/evidence-verdict.ts';
import { chainNamedByPackage, verifyEvidence } from '#ledger/evidence/verify-evidence.ts';
import { findPem, isSameName, parseCertificate } from '#ledger/pki/certificate.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { isReceipt } from '#ledger/proof/receipt.ts';
import { stepWords } from '#ledger/verify/make-verdict.ts';
import type { Step, Verdict } from '#ledger/verify/verdict.ts';
import { chainNamedBy, verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { OP_TEXT, TEXT } from './verify-text.ts';

export type Language = 'zh' | 'en';

const MAX_FILE = 16 * 1024 * 1024;

interface Chosen {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Builds the form inside `root`, which it empties first. The answer to "which chain" may be filled in beforehand. */
export function mountVerifier(root: HTMLElement, language: Language, knownChain = ''): void {
  const t = TEXT[language];
  const sm2 = portableSm2((length) => crypto.getRandomValues(new Uint8Array(length)));
  let receipt: Chosen | null = null;
  let trust: Chosen | null = null;
  let evidence: Evidence | null = null;
  let certificates: readonly Bytes[] = [];

  const input = element('input', { type: 'file', id: 'pv-file', accept: '.plproof,.pltrust,.zip,.pem', multiple: '' });
  const drop = element('label', { class: 'pv-drop', for: 'pv-file' }, [
    element('strong', {}, [t.drop]),
    element('span', {}, [t.dropHint]),
    input,
  ]);
  const chain = element('input', {
    id: 'pv-chain',
    class: 'pv-chain',
    type: 'text',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: t.chainPlaceholder,
    value: knownChain,
  });
  const result = element('div', { class: 'pv-result', role: 'status', 'aria-live': 'polite' });
  root.replaceChildren(
    drop,
    element('label', { class: 'pv-label', for: 'pv-chain' }, [t.chain]),
    chain,
    element('p', { class: 'pv-hint' }, [t.chainHint]),
    result,
  );

  const say = (...parts: readonly Node[]): void => result.replaceChildren(...parts);

  const run = (): void => {
    const file = receipt ?? trust;
    if (file === null && evidence === null) return;
    const expected = parseFingerprint(chain.value);
    if (expected === 'malformed') {
      say(note('bad', t.chainMalformed));
    } else if (expected === null) {
      askToCompare(evidence === null ? (file === null ? null : chainNamedBy(file.bytes)) : chainNamedByPackage(evidence.files));
    } else if (evidence !== null) {
      const { roots } = rootsOf(certificates);
      const verdict = verifyEvidence(evidence.files, {
        chain: expected,
        sm2,
        now: browserClock.nowMs(),
        ...(roots === undefined ? {} : { roots }),
      });
      showEvidence(result, verdict, evidence.name, language);
    } else if (file !== null) {
      const extra = receipt !== null && trust !== null ? { trust: trust.bytes } : {};
      showVerdict(result, verifyReceipt(file.bytes, { chain: expected, sm2, ...extra, ...rootsOf(certificates) }), file.name, language);
    }
  };

  /** Nothing is "verified" until a person has compared the fingerprint with one from elsewhere. */
  const askToCompare = (named: Bytes | null): void => {
    if (named === null) {
      say(note('bad', `${t.malformed} (E10)`));
      return;
    }
    const confirm = element('button', { type: 'button', class: 'pv-button' }, [t.compared]);
    confirm.addEventListener('click', () => {
      chain.value = toHex(named);
      run();
    });
    say(note('warn', t.compare), element('code', { class: 'pv-print' }, [grouped(named)]), confirm);
  };

  const take = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    // The verdict on the file before must not stand while this one is read.
    say();
    if (files.some((file) => file.size > MAX_FILE)) {
      say(note('bad', t.tooLarge));
      return;
    }
    const all = await Promise.all(files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })));
    const zip = all.find((file) => isZip(file.bytes));
    const roots = all.filter((file) => file.name.endsWith('.pem'));
    if (roots.length > 0) certificates = roots.flatMap((file) => findPem(new TextDecoder().decode(file.bytes), 'CERTIFICATE'));
    const chosen = all.filter((file) => file !== zip && !roots.includes(file));
    // One question at a time: a package carries its own receipt.
    if (zip !== undefined) evidence = { name: zip.name, files: unzipPackage(zip.bytes) };
    else if (chosen.length > 0) evidence = null;
    if (chosen.length === 0) return run();
    const newReceipt = chosen.find((file) => isReceipt(file.bytes)) ?? null;
    const newTrust = chosen.find((file) => !isReceipt(file.bytes)) ?? null;
    receipt = newReceipt ?? (newTrust !== null && isSameChain(receipt, newTrust) ? receipt : null);
    trust = newTrust ?? (isSameChain(receipt, trust) ? trust : null);
    run();
  };
  const takeSafely = (files: Iterable<File>): void => {
    take([...files]).catch(() => result.replaceChildren(note('bad', t.unreadable)));
  };

  input.addEventListener('change', () => takeSafely(input.files ?? []));
  chain.addEventListener('change', run);
  drop.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('pv-over');
  });
  drop.addEventListener('dragleave', () => drop.classList.remove('pv-over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('pv-over');
    takeSafely(event.dataTransfer?.files ?? []);
  });
}

interface Evidence {
  readonly name: string;
  readonly files: PackageFiles;
}

/** Self-signed certificates that a person drops here are believed; the others complete chains. */
function rootsOf(certificates: readonly Bytes[]): { readonly roots?: readonly Bytes[]; readonly certificates?: readonly Bytes[] } {
  if (certificates.length === 0) return {};
  const roots = certificates.filter((der) => {
    const { issuer, subject } = parseCertificate(der);
    return isSameName(issuer, subject);
  });
  return { certificates, roots: roots.map((der) => sm3(der)) };
}

/** An evidence package: eleven steps, what the package itself warns of, and the receipt inside with its own steps. */
function showEvidence(result: HTMLElement, verdict: EvidenceVerdict, name: string, language: Language): void {
  const t = TEXT[language];
  const steps = verdict.steps.map((step) => {
    const state = step.ok ? (step.code === null ? 'ok' : 'warn') : 'bad';
    const facts = Object.entries(step.facts).map(([fact, value]) => `${fact} ${value}`);
    return stepItem(
      { number: step.step, code: step.code, state, words: evidenceStepWords(step)[language], facts: facts.join(', ') },
      language,
    );
  });
  const warnings = (verdict.manifest?.notLicensedWarnings ?? []).map((words) => element('li', {}, [words[language]]));
  const about = verdict.manifest;
  result.replaceChildren(
    element('h2', { class: `pv-outcome pv-${verdict.outcome}`, 'data-outcome': verdict.outcome }, [t.outcome[verdict.outcome]]),
    element('p', { class: 'pv-sentence' }, [verdict.sentences[language]]),
    element('h3', {}, [t.evidenceSteps]),
    element('ol', { class: 'pv-steps' }, steps),
    ...(warnings.length === 0 ? [] : [element('h3', {}, [t.warnings]), element('ul', { class: 'pv-warnings' }, warnings)]),
    factList([
      [t.file, name],
      [t.manifest, toHex(verdict.sm3)],
      ...(about === null
        ? []
        : ([
            [t.subject, `${about.subject.kind} ${about.subject.id}`],
            [t.caseRef, about.caseRef === '' ? '–' : about.caseRef],
            [t.interest, about.interestStatement[language]],
          ] as const)),
    ]),
    ...(verdict.ledger === null
      ? []
      : [
          element('details', {}, [
            element('summary', {}, [t.receiptInside]),
            element('p', { class: 'pv-sentence' }, [verdict.ledger.sentences[language]]),
            element(
              'ol',
              { class: 'pv-steps' },
              verdict.ledger.steps.map((step) => stepRow(step, language)),
            ),
          ]),
        ]),
  );
}

function factList(facts: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    'dl',
    { class: 'pv-facts' },
    facts.flatMap(([term, value]) => [element('dt', {}, [term]), element('dd', {}, [value])]),
  );
}

function showVerdict(result: HTMLElement, verdict: Verdict, name: string, language: Language): void {
  const t = TEXT[language];
  const title = verdict.findings.find((finding) => finding.kind === 'title');
  const parts: Node[] = [
    element('h2', { class: `pv-outcome pv-${verdict.outcome}`, 'data-outcome': verdict.outcome }, [t.outcome[verdict.outcome]]),
    element('p', { class: 'pv-sentence' }, [verdict.sentences[language]]),
  ];
  if (verdict.outcome === 'proven' && title !== undefined) {
    const rows = title.owners.map((hop) =>
      element('tr', {}, [
        element('td', {}, [String(hop.fromHeight)]),
        element('td', {}, [OP_TEXT[language][hop.op] ?? hop.op]),
        element('td', { class: 'pv-id' }, [toHex(hop.owner)]),
        element('td', {}, [String(hop.ver)]),
      ]),
    );
    const head = element(
      'tr',
      {},
      [t.height, t.change, t.owner, t.version].map((text) => element('th', { scope: 'col' }, [text])),
    );
    parts.push(
      element('div', { class: 'pv-scroll', tabindex: '0' }, [
        element('table', {}, [element('caption', {}, [t.history]), element('thead', {}, [head]), element('tbody', {}, rows)]),
      ]),
    );
  }
  parts.push(
    element('h3', {}, [t.steps]),
    element(
      'ol',
      { class: 'pv-steps' },
      verdict.steps.map((step) => stepRow(step, language)),
    ),
  );
  const facts: readonly (readonly [string, string])[] = [
    [t.file, name],
    ['SM3', toHex(verdict.sm3)],
    [t.chain, verdict.namedChain === null ? '–' : grouped(verdict.namedChain)],
    ...(verdict.certification === null ? [] : ([[t.header, toHex(verdict.certification.headerHash)]] as const)),
  ];
  parts.push(factList(facts));
  result.replaceChildren(...parts);
}

function stepRow(step: Step, language: Language): HTMLElement {
  const state = step.ok ? (step.code === null ? 'ok' : 'warn') : 'bad';
  const facts = Object.entries(step.facts).map(([fact, value]) => `${fact} ${value}`);
  const words = stepWords(step)[language];
  return stepItem({ number: step.step, code: step.code, state, words, facts: step.ok ? '' : facts.join(', ') }, language);
}

interface StepLine {
  readonly number: number;
  readonly code: string | null;
  readonly state: 'ok' | 'warn' | 'bad';
  readonly words: string;
  readonly facts: string;
}

function stepItem({ number, code, state, words, facts }: StepLine, language: Language): HTMLElement {
  return element('li', { class: `pv-step pv-step-${state}`, 'data-step': String(number), 'data-code': code ?? '' }, [
    element('span', { class: 'pv-mark' }, [TEXT[language].mark[state]]),
    element('span', {}, [`${number} ${words}`]),
    element('code', {}, [[code ?? '', facts].filter((text) => text !== '').join(' · ')]),
  ]);
}

function note(kind: 'warn' | 'bad', text: string): HTMLElement {
  return element('p', { class: `pv-note pv-note-${kind}` }, [text]);
}

/** A trust file stays only beside a receipt of the chain it names: of another chain it would only mislead. */
function isSameChain(a: Chosen | null, b: Chosen | null): boolean {
  const one = a === null ? null : chainNamedBy(a.bytes);
  const other = b === null ? null : chainNamedBy(b.bytes);
  return one !== null && other !== null && toHex(one) === toHex(other);
}

/** In groups of eight, as people read it out. */
function grouped(chain: Bytes): string {
  return (toHex(chain).match(/.{8}/g) ?? []).join(' ');
}

function parseFingerprint(text: string): Bytes | null | 'malformed' {
  const hex = text.replace(/[\s:-]/g, '').toLowerCase();
  if (hex === '') return null;
  try {
    return fromHex(hex, 32);
  } catch (error) {
    if (error instanceof ParseError) return 'malformed';
    throw error;
  }
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
