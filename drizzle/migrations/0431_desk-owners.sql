-- An entry of the desk is taken on by a person, signed: until another takes it, it is theirs (product O-08, O-17).
alter table cases.desk_steps drop constraint desk_steps_act_check,
  add constraint desk_steps_act_check check (act in ('noted', 'taken', 'closed', 'frozen', 'upheld', 'false', 'verified', 'suspended'));
