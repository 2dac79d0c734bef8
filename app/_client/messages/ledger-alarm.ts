/** The alarm on every page when the ledger contradicts the one that this browser has seen. */
import type { Shape } from './shape.ts';

export const ledgerAlarmZh = {
  ledgerAlarm: {
    title: {
      forked: '账本前后矛盾',
      other_chain: '这里换了另一个账本',
      behind: '市场给出的账本比您看到过的旧',
      withheld: '市场没有证明账本是接着写下去的',
      unproven: '市场给出的账本没有足够的成员签名',
    },
    text: {
      forked:
        '成员签过名的两份账本对不上：您先前看到的内容被改过或被撤下。请勿交易或付款；保存证据，交给监管机构或任一成员。您保存的凭证仍可离线验证。',
      other_chain: '先前在这个地址看到的是另一个账本，您的凭证属于那一个。如果不知道为什么，请勿在此交易。',
      behind: '您先前看到的记录现在不在其中。请稍后再看；若仍如此，请保存证据并告知任一成员。',
      withheld: '无法确认先前看到的记录都还在其中。请勿交易，稍后再看；若仍如此，请保存证据并告知任一成员。',
      unproven: '无法确认这是成员共同签署的账本。请勿交易，稍后再看。',
    },
    save: '保存证据',
    keepOther: '我知道，以后认这个账本',
  },
};

export const ledgerAlarmEn: Shape<typeof ledgerAlarmZh> = {
  ledgerAlarm: {
    title: {
      forked: 'The ledger contradicts itself',
      other_chain: 'Another ledger stands here now',
      behind: 'The market shows an older ledger than you have seen',
      withheld: 'The market does not prove that its ledger goes on from yours',
      unproven: 'The market shows a ledger without enough signatures of the members',
    },
    text: {
      forked:
        'Two ledgers that the members signed do not agree: what you saw before was changed or taken away. Do not trade or pay. Save the evidence and give it to a supervisor or any member. Your receipts still verify offline.',
      other_chain:
        'What stood at this address before was another ledger, and your receipts belong to that one. If you do not know why, do not trade here.',
      behind: 'Records that you have seen are not in it. Look again in a while; if it stays so, save the evidence and tell any member.',
      withheld:
        'Whether everything that you have seen is still in it cannot be told. Do not trade, and look again in a while; if it stays so, save the evidence and tell any member.',
      unproven: 'Whether the members have signed this ledger cannot be told. Do not trade, and look again in a while.',
    },
    save: 'Save the evidence',
    keepOther: 'I know: keep this one from now on',
  },
};
