/** Messages of a player's room that may change the inbox. */
export const INBOX_MESSAGES = ['notice', 'trade.updated', 'gift.updated', 'offer.updated', 'freeze.set', 'freeze.lifted'];
