/** Brings the code to the phone (product P-01). In a demonstration none leaves: the screen shows what the phone would. */
import type { GatewayLine } from './gateway-line.ts';

export type SmsOutcome = 'sent' | 'refused' | 'unavailable';

export interface SmsGateway {
  readonly name: string;
  /** Shown on the screen in place of a message: nobody's phone gets one. */
  readonly isSimulated: boolean;
  /** `refused`: this number takes no messages, and asking again changes nothing. */
  sendCode(phone: string, code: string, validMinutes: number): Promise<SmsOutcome>;
}

export const simulatedSmsGateway: SmsGateway = { name: 'simulated', isSimulated: true, sendCode: async () => 'sent' };

/** A chain that is no demonstration, before its operator has named one. */
export const missingSmsGateway: SmsGateway = { name: 'none', isSimulated: false, sendCode: async () => 'unavailable' };

/** The text is the gateway's registered template: the law wants templates filed, so only the values travel. */
export const httpSmsGateway = (line: GatewayLine): SmsGateway => ({
  name: 'http',
  isSimulated: false,
  sendCode: async (phone, code, validMinutes) => {
    const outcome = await line.ask({ kind: 'registration_code', phone: `+86${phone}`, code, validMinutes }, ['accepted', 'refused']);
    if (outcome === null) return 'unavailable';
    return outcome === 'accepted' ? 'sent' : 'refused';
  },
});
