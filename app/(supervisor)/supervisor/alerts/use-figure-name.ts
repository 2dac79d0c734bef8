/** What a detector's figure is called; a name that has no word is shown as it is. */
import { useTranslations } from 'use-intl';
import { alertsZh } from '#app/_client/messages/alerts.ts';

type FigureName = keyof typeof FIGURES;
const FIGURES = alertsZh.figure;
const isKnown = (name: string): name is FigureName => Object.hasOwn(FIGURES, name);

export function useFigureName(): (name: string) => string {
  const t = useTranslations('alerts.figure');
  return (name) => (isKnown(name) ? t(name) : name);
}
