/** The pack's words for unused currency hold when nobody is left to promise more (CN-MK-12). Pages say them in their own language. */
export const NO_TERMS = 'Unused paid currency is refunded or compensated as the rules of the game and the law say.';
