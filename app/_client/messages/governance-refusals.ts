/** Why a change of the members is refused. */
export const governanceRefusalsZh = {
  change_refused: '成员配置不能这样变更，下面列出原因。',
  change_known: '这项变更已有提案，请直接表决。',
  change_unknown: '没有这个提案。',
  change_closed: '这个提案已有结果，或已被其他变更取代。',
  voted_before: '贵机构已就此表决：一机构一票，不能更改。',
  not_a_member: '贵机构不是现行配置的成员。',
  member_silent: '贵机构的节点没有应答，恢复后请再试，未做任何操作。',
  approval_refused: '贵机构的节点拒绝批准，原因见下。',
  change_not_taken: '账本拒绝了这项变更，代码见下。',
} as const;
