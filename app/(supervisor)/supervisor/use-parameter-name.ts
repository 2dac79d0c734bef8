/** What a parameter of a detector is called; `null`: it is none, or has no word. */
import { useTranslations } from 'use-intl';
import { detectorParametersZh } from '#app/_client/messages/detector-parameters.ts';

type ParameterName = keyof typeof detectorParametersZh;
const isKnown = (name: string): name is ParameterName => Object.hasOwn(detectorParametersZh, name);

/** @returns by the constant's name, such as `sv03.minRounds` */
export function useParameterName(): (constant: string) => string | null {
  const t = useTranslations('detectorParameter');
  return (constant) => {
    if (!constant.startsWith('sv')) return null;
    const name = constant.slice(constant.indexOf('.') + 1);
    return isKnown(name) ? t(name) : null;
  };
}
