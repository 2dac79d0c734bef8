-- Each player's session asks whether such a case names him; there are few, and closed ones are never looked at again.
create index cases_laundering_open on cases.cases (case_id) where topic = 'laundering' and state <> 'closed';
