-- Whoever takes part in an experiment may stop at any time, as its disclosure says; what he did until then stays counted.
alter table experiments.participants add column left_at timestamptz;
