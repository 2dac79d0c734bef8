-- Decimals of a decimal attribute (T-05): fixed with its first declaration; null, as before there were such: any number of them.
alter table catalogue.attribute_definitions add column scale smallint check (scale is null or type = 'decimal' and scale between 0 and 9);
