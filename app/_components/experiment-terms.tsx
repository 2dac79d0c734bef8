'use client';
/** What an experiment would change, and what was declared with it: the same words for who agrees to it, who comments on it and who joins it
 *  (product V-20). */
import { Fragment, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { experimentWordsZh } from '#sandbox/experiments/words-zh.ts';
import type { ExperimentNotice, ExperimentOverrideView } from '#server/trpc/views.ts';
import { ItemName } from './item-art.tsx';
import { Chip, Id, Panel } from './ui.tsx';
import { useArmName } from './use-arm-name.ts';
import { useCapName } from './use-cap-name.ts';
import { useCitation } from './use-citation.ts';

type Part = { readonly notice: ExperimentNotice };

export function ExperimentTermsPanel({ notice }: Part) {
  const t = useTranslations('experimentTerms');
  const { terms } = notice;
  return (
    <Panel title={t('title')}>
      <div className="space-y-4 text-[13px]">
        <p>{t(`mode.${terms.mode}`)}</p>
        <p>
          <span className="block text-xs text-ink-3">{t('hypothesis')}</span>
          <ItemName names={notice.hypothesis} />
        </p>
        <Overrides overrides={terms.overrides} />
        <Figures notice={notice} />
        <Limits notice={notice} />
        <Leave notice={notice} />
      </div>
    </Panel>
  );
}

function Overrides({ overrides }: { readonly overrides: readonly ExperimentOverrideView[] }) {
  const t = useTranslations('experimentTerms');
  const armName = useArmName();
  const citation = useCitation();
  if (overrides.length === 0) return <p className="font-semibold">{t('noOverrides')}</p>;
  return (
    <ul className="divide-y divide-line border-y border-line">
      {overrides.map((override) => (
        <li key={`${override.arm} ${override.path}`} className="space-y-1 py-2">
          <p className="flex flex-wrap items-center gap-2">
            <ItemName names={override.name} className="font-semibold" />
            <Chip>{t('forArm', { arm: armName(override.arm) })}</Chip>
            <Chip tone={override.isWider ? 'wait' : 'good'}>{override.isWider ? t('wider') : t('stricter')}</Chip>
          </p>
          <p>
            {t('today')} <RuleValue override={override} value={override.before} /> → {t('inside')}{' '}
            <strong>
              <RuleValue override={override} value={override.after} />
            </strong>
          </p>
          <p className="text-xs text-ink-3">
            {override.ruleId === null ? null : <span className="num">{override.ruleId} · </span>}
            <span>{override.citation === null ? null : citation(override.citation)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function RuleValue({ override: { unit }, value }: { readonly override: ExperimentOverrideView; readonly value: string | null }) {
  const t = useTranslations('experimentTerms');
  if (value === null) return t('noRule');
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'on' : 'off');
  if (unit === 'fen' && /^\d+$/.test(value)) return formatYuan(value);
  return <span className="num">{unit === 'days' ? t('days', { count: value }) : value}</span>;
}

function Figures({ notice: { terms, from, to } }: Part) {
  const t = useTranslations('experimentTerms');
  const armName = useArmName();
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
      <Row label={t('who')}>
        {t('whoText', { age: terms.minAge, level: terms.level, kinds: terms.kinds })}
        {terms.excludesOpenAmlCase ? t('noOpenCase') : null}
      </Row>
      <Row label={t('arms')}>{terms.arms.map(({ id, share }) => `${armName(id)} ${share}`).join(' · ')}</Row>
      <Row label={t('period')}>
        <span className="num">
          {from} – {to}
        </span>
        {t('periodText', { notice: terms.noticeDays, times: terms.maxExtensions, days: terms.maxExtensionDays })}
      </Row>
      <Row label={t('safeguards')}>{t('safeguardsText', { days: terms.compensationClaimDays })}</Row>
    </dl>
  );
}

function Limits({ notice: { terms } }: Part) {
  const t = useTranslations('experimentTerms');
  const capName = useCapName();
  return (
    <div className="space-y-1">
      <h3 className="font-semibold">{t('limits')}</h3>
      <ul className="grid gap-x-6 sm:grid-cols-2">
        {terms.limits.map(({ name, limit, isMoney }) => (
          <li key={name} className="flex justify-between gap-3">
            <span>{name === 'LOSS_COMPENSATION_FUND' ? t('fund') : capName(name)}</span>
            <span className="num whitespace-nowrap">{isMoney ? formatYuan(limit) : formatCount(BigInt(limit))}</span>
          </li>
        ))}
      </ul>
      {terms.mode === 'SHADOW' ? null : <p className="text-ink-2">{terms.refusesAtCap ? t('capRefuses') : t('capFallsBack')}</p>}
    </div>
  );
}

function Leave({ notice: { terms } }: Part) {
  const t = useTranslations('experimentTerms');
  const { authorization } = terms;
  if (authorization === null) return <p>{t('noAuthorization')}</p>;
  const { kind, issuer, number, from, to, scope, label } = authorization;
  return (
    <div className="space-y-1">
      <h3 className="flex flex-wrap items-center gap-2 font-semibold">
        {t('authorization')} {kind === 'SIMULATED' ? <Chip tone="wait">{t('simulated')}</Chip> : null}
      </h3>
      <p>
        <ItemName names={{ zh: experimentWordsZh(issuer), en: issuer }} /> · <span className="num">{number}</span> ·{' '}
        <span className="num">
          {from} – {to}
        </span>
      </p>
      <p className="text-ink-2 break-words">
        {t('scope')}{' '}
        {scope.map((path, i) => {
          const name = terms.overrides.find((override) => override.path === path)?.name;
          return (
            <Fragment key={path}>
              {i === 0 ? '' : ', '}
              {name === undefined ? <code>{path}</code> : <ItemName names={name} />}
            </Fragment>
          );
        })}
      </p>
      <ItemName names={label} className="text-ink-2" />
    </div>
  );
}

function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="break-words whitespace-pre-line">{children}</dd>
    </div>
  );
}

/** The record that was declared (rulebook 6.3): what it is, what it may cost, how it ends, and who has assessed it. */
export function DeclarationPanel({ notice: { declaration } }: Part) {
  const t = useTranslations('experimentTerms');
  const field = useTranslations('experimentNew.field');
  if (declaration === null) {
    return (
      <Panel title={t('declaration')}>
        <p className="text-ink-2">{t('noDeclaration')}</p>
      </Panel>
    );
  }
  const { expectedScale: scale, riskCompensation: risk, complaintChannels } = declaration;
  return (
    <Panel title={t('declaration')} aside={<span className="num text-xs">{declaration.applicationNo}</span>}>
      <dl className="grid gap-x-6 gap-y-2 text-[13px] sm:grid-cols-2">
        <Row label={field('applicationName')}>{declaration.applicationName}</Row>
        <Row label={field('institution')}>{declaration.institutions.map(({ name, uscc }) => `${name} ${uscc}`).join('\n')}</Row>
        <Row label={field('functionService')}>{declaration.functionService}</Row>
        <Row label={field('innovationNote')}>{declaration.innovationNote}</Row>
        <Row label={field('expectedEffect')}>{declaration.expectedEffect}</Row>
        <Row label={field('userScope')}>{declaration.userScope}</Row>
        <Row label={t('scale')}>
          {t('scaleText', {
            users: formatCount(BigInt(scale.users)),
            trades: formatCount(BigInt(scale.transactionsPerMonth)),
            amount: formatYuan(scale.amountPerMonthFen),
          })}
        </Row>
        <Row label={field('plannedStart')}>{declaration.plannedStart}</Row>
        <Row label={field('serviceChannels')}>{`${declaration.serviceChannels.join(', ')} · ${declaration.serviceHours}`}</Row>
        <Row label={field('technologyUse')}>{declaration.technologyUse.join(', ')}</Row>
        <Row label={field('riskControls')}>{declaration.riskControls.join(', ')}</Row>
        <Row label={field('fund')}>{`${risk.fund} · ${formatYuan(risk.amountFen)} · ${risk.trigger}`}</Row>
        <Row label={field('exitMechanism')}>{declaration.exitMechanism}</Row>
        <Row label={field('emergencyPlan')}>{declaration.emergencyPlan}</Row>
        <Row label={field('complaintInstitution')}>{complaintChannels.institution}</Row>
        <Row label={field('complaintSelfRegulatory')}>{complaintChannels.selfRegulatory}</Row>
        <Assessment name="legality" of={declaration.legalityAssessment} />
        <Assessment name="security" of={declaration.securityAssessment} />
      </dl>
    </Panel>
  );
}

type Assessed = NonNullable<ExperimentNotice['declaration']>['legalityAssessment'];

function Assessment({ name, of }: { readonly name: 'legality' | 'security'; readonly of: Assessed }) {
  const t = useTranslations('experimentTerms');
  const label = useTranslations('experimentNew.assessment');
  return (
    <Row label={label(name)}>
      {of === null ? (
        <Chip tone="bad">{t('notAssessed')}</Chip>
      ) : (
        <span className="flex flex-wrap items-center gap-2">
          <Chip tone={of.conclusion === 'PASSED' ? 'good' : 'bad'}>{of.conclusion === 'PASSED' ? t('passed') : t('failed')}</Chip>
          {of.by} <span className="num">{of.date}</span> SM3 <Id value={of.fileHash} />
        </span>
      )}
    </Row>
  );
}
