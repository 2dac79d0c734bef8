-- What was given back in a month is found by its day: returns over it read no other trades.
create index trade_states_given_back on market.trade_states (at) where state in ('reversed', 'failed');
