/** The detectors in their order; CN-SV-00, the reference price, is no detector. */
import type { Detector } from './detector.ts';
import { burst } from './detectors/burst.ts';
import { chargebackChain } from './detectors/chargeback-chain.ts';
import { circularItem } from './detectors/circular-item.ts';
import { controlledVolume } from './detectors/controlled-volume.ts';
import { digitAnomaly } from './detectors/digit-anomaly.ts';
import { flowPatterns } from './detectors/flow-patterns.ts';
import { giftPayment } from './detectors/gift-payment.ts';
import { instrumentCashOut } from './detectors/instrument-cash-out.ts';
import { issuerDealing } from './detectors/issuer-dealing.ts';
import { layering } from './detectors/layering.ts';
import { minorEvasion } from './detectors/minor-evasion.ts';
import { offMarketPrice } from './detectors/off-market-price.ts';
import { passThrough } from './detectors/pass-through.ts';
import { priceRamp } from './detectors/price-ramp.ts';
import { selfTrade } from './detectors/self-trade.ts';
import { structuring } from './detectors/structuring.ts';
import { washSet } from './detectors/wash-set.ts';

export const DETECTORS: readonly Detector[] = [
  selfTrade,
  controlledVolume,
  washSet,
  circularItem,
  offMarketPrice,
  priceRamp,
  layering,
  structuring,
  passThrough,
  flowPatterns,
  instrumentCashOut,
  chargebackChain,
  issuerDealing,
  digitAnomaly,
  burst,
  giftPayment,
  minorEvasion,
];
