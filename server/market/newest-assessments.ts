/** SQL that whoever adds up taxes reads the same sales by. */

/** The newest version of each sale: its own day never changes. */
export const NEWEST = `from compliance.assessments a where a.day >= $1 and a.day < $2
  and not exists (select from compliance.assessments b where b.trade_id = a.trade_id and b.version > a.version)`;
/** With its game; a gift has that of its item. */
export const SALES_OF = (
  newest: string,
): string => `select n.*, coalesce(t.settled_at, n.at) as shown_at, g.item_id, c.game_id from (${newest}) n
  left join market.trades t on t.trade_id = n.trade_id left join market.gifts g on g.gift_id = n.trade_id
  left join custody.items i on i.item_id = g.item_id left join catalogue.item_classes c on c.class_id = coalesce(t.class_id, i.class_id)`;
