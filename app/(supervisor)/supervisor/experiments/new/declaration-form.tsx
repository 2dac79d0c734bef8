'use client';
/** The declaration of an experiment (rulebook 6.3) as a form: what is missing or malformed is named by the server with its place. */
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { FilePick } from '#app/_components/file-pick.tsx';
import { Button, Field, Panel } from '#app/_components/ui.tsx';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';

const TEXTS = [
  'applicationName',
  'institution',
  'uscc',
  'plannedStart',
  'functionService',
  'innovationNote',
  'expectedEffect',
  'users',
  'transactionsPerMonth',
  'amountPerMonth',
  'userScope',
  'serviceChannels',
  'serviceHours',
  'serviceAgreementRef',
  'technologyUse',
  'riskControls',
  'fund',
  'compensation',
  'trigger',
  'claimDays',
  'exitMechanism',
  'emergencyPlan',
  'complaintInstitution',
  'complaintSelfRegulatory',
  'responsibilityLetter',
] as const;
type TextName = (typeof TEXTS)[number];
const ASSESSMENTS = ['legality', 'security'] as const;
type Assessed = { readonly by: string; readonly date: string; readonly file: File | null };

const listOf = (text: string): readonly string[] => text.split(/[,，]/).flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
/** Whole yuan; what is none goes as it is and is named by the server. */
const fenOf = (yuan: string): string => (/^\d{1,12}$/.test(yuan.trim()) ? `${yuan.trim()}00` : yuan.trim());
const countOf = (text: string): number | string => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : text);

/** A file that is not there leaves its assessment out: the step *declare* asks for both. */
async function assessment({ by, date, file }: Assessed): Promise<object | null> {
  if (file === null) return null;
  return { by, date, conclusion: 'PASSED', fileHash: toHex(sm3(new Uint8Array(await file.arrayBuffer()))) };
}

export function DeclarationForm(props: {
  readonly isBusy: boolean;
  readonly onKeep: (declaration: object) => void;
  readonly children: ReactNode;
}) {
  const t = useTranslations('experimentNew');
  const [texts, setTexts] = useState<Readonly<Partial<Record<TextName, string>>>>({});
  const [assessed, setAssessed] = useState<Readonly<Record<'legality' | 'security', Assessed>>>({
    legality: { by: '', date: '', file: null },
    security: { by: '', date: '', file: null },
  });
  const of = (name: TextName) => texts[name] ?? '';
  const change = (name: (typeof ASSESSMENTS)[number], part: Partial<Assessed>) =>
    setAssessed((before) => ({ ...before, [name]: { ...before[name], ...part } }));
  const keep = async () => {
    props.onKeep({
      applicationName: of('applicationName'),
      applicationType: 'TECHNOLOGY_PRODUCT',
      institutions: [{ uscc: of('uscc'), name: of('institution'), licences: [] }],
      plannedStart: of('plannedStart'),
      technologyUse: listOf(of('technologyUse')),
      functionService: of('functionService'),
      innovationNote: of('innovationNote'),
      expectedEffect: of('expectedEffect'),
      expectedScale: {
        users: countOf(of('users')),
        transactionsPerMonth: countOf(of('transactionsPerMonth')),
        amountPerMonthFen: fenOf(of('amountPerMonth')),
      },
      serviceChannels: listOf(of('serviceChannels')),
      serviceHours: of('serviceHours'),
      userScope: of('userScope'),
      serviceAgreementRef: of('serviceAgreementRef'),
      legalityAssessment: await assessment(assessed.legality),
      securityAssessment: await assessment(assessed.security),
      riskControls: listOf(of('riskControls')),
      riskCompensation: {
        fund: of('fund'),
        currency: 'CNY',
        amountFen: fenOf(of('compensation')),
        trigger: of('trigger'),
        claimDays: countOf(of('claimDays')),
      },
      exitMechanism: of('exitMechanism'),
      emergencyPlan: of('emergencyPlan'),
      complaintChannels: { institution: of('complaintInstitution'), selfRegulatory: of('complaintSelfRegulatory') },
      responsibilityLetter: of('responsibilityLetter'),
    });
  };
  return (
    <Panel title={t('declaration')}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          {TEXTS.map((name) => (
            <Field
              key={name}
              label={t(`field.${name}`)}
              type={name === 'plannedStart' ? 'date' : 'text'}
              value={of(name)}
              maxLength={4_000}
              onChange={(event) => setTexts((before) => ({ ...before, [name]: event.target.value }))}
            />
          ))}
        </div>
        {ASSESSMENTS.map((name) => (
          <fieldset key={name} className="grid gap-3 rounded-md border border-line p-3 sm:grid-cols-3">
            <legend className="px-1 text-[13px] font-semibold">{t(`assessment.${name}`)}</legend>
            <Field label={t('by')} value={assessed[name].by} onChange={(event) => change(name, { by: event.target.value })} />
            <Field
              label={t('date')}
              type="date"
              value={assessed[name].date}
              onChange={(event) => change(name, { date: event.target.value })}
            />
            <FilePick
              label={`${t(`assessment.${name}`)}: ${t('file')}`}
              accept="*/*"
              file={assessed[name].file}
              onPick={(file) => change(name, { file })}
            />
          </fieldset>
        ))}
        {props.children}
        <Button type="submit" tone="primary" disabled={props.isBusy}>
          {t('keep')}
        </Button>
      </form>
    </Panel>
  );
}
